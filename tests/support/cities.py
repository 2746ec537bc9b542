"""The three cities that come with the program, and what follows from them."""

from deploy.cities.read import read_cities
from schemas.topics import all_topics

FILES = read_cities()
"""The value that an installation's parts are given."""
CITIES = tuple(FILES)
CHANGSHA, ZHUZHOU, XIANGTAN = CITIES
SOURCES = FILES.sources
ALL_TOPICS = all_topics(SOURCES)
