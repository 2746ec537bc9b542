// node check.cjs FILE…: what @asyncapi/parser thinks of AsyncAPI documents, as one JSON list on stdout.
const { readFileSync } = require('node:fs')
const { Parser } = require('@asyncapi/parser')

async function read (file) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'))
  const problems = diagnostics.map(({ severity, code, path, message }) => ({ severity, code, path: path.join('.'), message }))
  const messages = channel => channel.messages().all().map(message => message.id())
  const channels = document
    ? Object.fromEntries(document.channels().all().map(channel => [channel.address(), messages(channel)]))
    : null
  return { problems, channels }
}

Promise.all(process.argv.slice(2).map(read)).then(found => process.stdout.write(JSON.stringify(found)))
