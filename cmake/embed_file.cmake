# IN -> OUT: a C array `SYMBOL` with the bytes of IN.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
file(WRITE "${OUT}" "// Generated from a Lua source; do not edit.\nextern const unsigned char ${SYMBOL}[];\nconst unsigned char ${SYMBOL}[] = {${hex}0};\n")
