//! What Sekisho promises as a whole: the tests beside this file. The library itself is empty; nothing may depend on it.
