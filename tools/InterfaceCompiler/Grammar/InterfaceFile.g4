// Interface files of kernel objects (*_if.m), as FreeBSD 7.0 has them. C appears in blocks, of which only the braces matter.
grammar InterfaceFile;

root: item* EOF;

item
    : HASH_LINE                                                     # line
    | 'INTERFACE' ID ';'                                            # interfaceName
    | section=('CODE' | 'HEADER' | 'PROLOG' | 'EPILOG') block ';'   # text
    | ('METHOD' | isStatic='STATICMETHOD') words name=ID '{' parameter* '}' ('DEFAULT' fallback=ID)? ';' # method
    ;

parameter: HASH_LINE | words name=ID ';';

// A type: words and asterisks.
words: (ID | '*')+?;

block: '{' content* '}';

content: block | ~('{' | '}');

// Comment or preprocessor directive, told apart by who reads it.
HASH_LINE: '#' ~[\r\n]*;
ID: [A-Za-z_] [A-Za-z0-9_]*;
NUMBER: [0-9] [A-Za-z0-9_.]*;
STRING: '"' (~["\\\r\n] | '\\' .)* '"';
CHARACTER: '\'' (~['\\\r\n] | '\\' .)+ '\'';
COMMENT: '/*' .*? '*/' -> channel(HIDDEN);
LINE_COMMENT: '//' ~[\r\n]* -> channel(HIDDEN);
SPACE: [ \t\r\n\f]+ -> channel(HIDDEN);
OTHER: .;
