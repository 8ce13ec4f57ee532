namespace SystemRdl;

/// <summary>Every diagnostic of the compiler; docs/registers.md explains them.</summary>
public enum DiagnosticCode
{
    UnexpectedSyntax = 1,
    UnknownCharacter = 2,
    NestingTooDeep = 3,

    IncludeNotFound = 10,
    IncludeLoop = 11,
    MalformedDirective = 12,
    UnknownMacro = 13,
    MacroArguments = 14,
    UnbalancedConditional = 15,
    MacroTooLarge = 16,
    Unterminated = 17,
    MacroRedefined = 18,
    PerlFailed = 19,
    DirectiveIgnored = 20,

    UnknownName = 101,
    NameClash = 102,
    RecursiveDefinition = 103,
    ComponentNotAllowed = 104,
    MissingInstance = 105,
    ParameterMissing = 106,
    UnknownParameter = 107,
    TooManyComponents = 108,
    NoAddressMap = 109,
    InstanceKindMismatch = 110,

    UnknownProperty = 201,
    PropertyNotAllowed = 202,
    PropertyType = 203,
    PropertyAssignedTwice = 204,
    PropertiesExclusive = 205,
    PropertyWithoutValue = 206,
    ModifierNotAllowed = 207,
    PropertyInconsistent = 208,

    TypeMismatch = 301,
    DivisionByZero = 302,
    NumberTooLarge = 303,
    IndexOutOfRange = 304,
    UnknownMember = 305,
    DuplicateValue = 306,

    FieldOverlap = 401,
    AddressOverlap = 402,
    FieldOutsideRegister = 403,
    ResetTooLarge = 404,
    BadWidth = 405,
    BadArray = 406,
    BadBitRange = 407,
    BadAlignment = 408,
    AddressOutOfRange = 409,
    EmptyComponent = 410,
    StrideTooSmall = 411,

    UnsupportedPerl = 900,
    UnsupportedConstraint = 901,
    UnsupportedReferenceType = 903,
}
