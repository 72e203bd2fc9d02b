# What of sqlcipher3 is used; the package itself carries no types.
from sqlite3 import Connection as Connection
from sqlite3 import Error as Error
from sqlite3 import connect as connect
