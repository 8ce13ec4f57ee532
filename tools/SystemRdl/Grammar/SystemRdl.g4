// SystemRDL 2.0 (Accellera, January 2018), annex B, as one grammar. What the text preprocessor (clause 16) handles is not here.
// Rules accept a little more than the standard where the elaborator can then say what is wrong in the reader's words.
grammar SystemRdl;

root: rootElement* EOF;

rootElement
    : componentDefinition
    | explicitInstances
    | enumDefinition
    | structDefinition
    | propertyDefinition
    | constraintDefinition
    | propertyAssignment
    ;

// Clause 5.1.1: definitive and anonymous definitions, with or without instances.
componentDefinition
    : before=instanceKind? componentKind ID? parameterDefinitions? body after=instanceKind? instances? ';'
    ;

componentKind: 'addrmap' | 'regfile' | 'reg' | 'field' | 'mem' | 'signal';

instanceKind: 'external' | 'internal';

body: '{' bodyElement* '}';

bodyElement
    : componentDefinition
    | explicitInstances
    | enumDefinition
    | structDefinition
    | constraintDefinition
    | propertyAssignment
    ;

explicitInstances: instanceKind? ('alias' aliasOf=ID)? typeName=ID instances ';';

instances: parameterValues? instance (',' instance)*;

instance
    : ID (dimension* | bitRange) ('=' reset=expression)? ('@' address=expression)? ('+=' stride=expression)? ('%=' alignment=expression)?
    ;

dimension: '[' expression ']';

bitRange: '[' left=expression ':' right=expression ']';

// Clause 5.1.1.1
parameterDefinitions: '#' '(' parameterDefinition (',' parameterDefinition)* ')';

parameterDefinition: dataType ID arrayMark? ('=' expression)?;

parameterValues: '#' '(' parameterValue (',' parameterValue)* ')';

parameterValue: '.' ID '(' expression ')';

arrayMark: '[' ']';

dataType
    : ('bit' | 'longint') 'unsigned'?
    | 'string'
    | 'boolean'
    | 'number'
    | 'ref'
    | 'accesstype'
    | 'addressingtype'
    | 'onreadtype'
    | 'onwritetype'
    | 'precedencetype'
    | componentKind
    | ID
    ;

enumDefinition: 'enum' ID '{' enumMember* '}' ';';

enumMember: ID ('=' expression)? ('{' propertyAssignment* '}')? ';';

structDefinition: 'abstract'? 'struct' ID (':' baseName=ID)? '{' structMember* '}' ';';

structMember: dataType ID arrayMark? ';';

// Clause 15.2
propertyDefinition: 'property' ID '{' propertyAttribute* '}' ';';

propertyAttribute
    : 'type' '=' dataType arrayMark? ';'
    | 'component' '=' propertyComponent ('|' propertyComponent)* ';'
    | 'default' '=' expression ';'
    | 'constraint' '=' 'componentwidth' ';'
    ;

propertyComponent: componentKind | 'constraint' | 'all';

// Recognized as a whole, so that what follows is still compiled.
constraintDefinition: 'constraint' ID? constraintBody ID? (',' ID)* ';';

constraintBody: '{' (constraintBody | ~('{' | '}'))* '}';

propertyAssignment
    : 'default' propertyModifier* propertyName ('=' expression)? ';'      # defaultAssignment
    | propertyModifier* propertyName ('=' expression)? ';'                # localAssignment
    | reference '->' propertyModifier* propertyName ('=' expression)? ';' # dynamicAssignment
    ;

propertyModifier: 'posedge' | 'negedge' | 'bothedge' | 'level' | 'nonsticky';

propertyName: ID | 'sw' | 'hw' | 'encode' | 'rclr' | 'rset' | 'woclr' | 'woset';

reference: referenceElement ('.' referenceElement)*;

referenceElement: ID dimension*;

expression
    : primary                                                                               # primaryExpression
    | symbol=('!' | '~' | '+' | '-' | '&' | '~&' | '|' | '~|' | '^' | '~^' | '^~') expression # unaryExpression
    | <assoc=right> expression symbol='**' expression                                     # binaryExpression
    | expression symbol=('*' | '/' | '%') expression                                      # binaryExpression
    | expression symbol=('+' | '-') expression                                            # binaryExpression
    | expression symbol=('<<' | '>>') expression                                          # binaryExpression
    | expression symbol=('<' | '<=' | '>' | '>=') expression                              # binaryExpression
    | expression symbol=('==' | '!=') expression                                          # binaryExpression
    | expression symbol='&' expression                                                    # binaryExpression
    | expression symbol=('^' | '~^' | '^~') expression                                    # binaryExpression
    | expression symbol='|' expression                                                    # binaryExpression
    | expression symbol='&&' expression                                                   # binaryExpression
    | expression symbol='||' expression                                                   # binaryExpression
    | <assoc=right> condition=expression '?' whenTrue=expression ':' whenFalse=expression   # conditionalExpression
    ;

primary
    : (NUMBER | HEX_NUMBER | SIZED_NUMBER)                                  # numberLiteral
    | STRING+                                                               # stringLiteral
    | ('true' | 'false')                                                    # booleanLiteral
    | keywordValue                                                          # keywordLiteral
    | 'this'                                                                # thisReference
    | ID '::' ID                                                            # enumLiteral
    | ID '\'' '{' (structValue (',' structValue)*)? '}'                     # structLiteral
    | '\'' '{' (expression (',' expression)*)? '}'                          # arrayLiteral
    | '{' expression '{' expression (',' expression)* '}' '}'               # replication
    | '{' expression (',' expression)* '}'                                  # concatenation
    | ('bit' | 'longint' | 'boolean') '\'' '(' expression ')'               # typeCast
    | (NUMBER | ID | '(' width=expression ')') '\'' '(' value=expression ')'  # widthCast
    | '(' expression ')'                                                    # parenthesis
    | reference ('->' propertyName)?                                        # referenceExpression
    ;

structValue: ID ':' expression;

keywordValue
    : 'rw' | 'wr' | 'r' | 'w' | 'rw1' | 'w1' | 'na'
    | 'rclr' | 'rset' | 'ruser'
    | 'woset' | 'woclr' | 'wot' | 'wzs' | 'wzc' | 'wzt' | 'wclr' | 'wset' | 'wuser'
    | 'compact' | 'regalign' | 'fullalign'
    | 'sw' | 'hw'
    ;

// Words that the standard reserves (clause 4.3, table 3) but no rule uses; as tokens they cannot become names.
reserved: 'inside' | 'alternate' | 'byte' | 'int' | 'real' | 'shortint' | 'shortreal' | 'signed' | 'with' | 'within';

NUMBER: [0-9] [0-9_]*;
HEX_NUMBER: '0' [xX] [0-9a-fA-F] [0-9a-fA-F_]*;
SIZED_NUMBER: [0-9] [0-9_]* '\'' [bBdDoOhH] [0-9a-fA-F_]+;
STRING: '"' (~["\\] | '\\' .)* '"';
ID: '\\'? [a-zA-Z_] [a-zA-Z0-9_]*;
SPACE: [ \t\r\n\f\u00A0\uFEFF]+ -> skip;
UNKNOWN: .;
