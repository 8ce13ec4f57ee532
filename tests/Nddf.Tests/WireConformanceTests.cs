using Nddf.Testing;

namespace Nddf.Tests;

/// <summary>The suite itself, tried on the cards of the tests.</summary>
public sealed class WireConformanceTests() : NicConformance(new NicTestSystem());
