"""The catalogue reader: bytes of an Excel or CSV catalogue in, judged rows out; pure except for unpacking the bytes."""
