namespace L4.Sandbox.Tests;

public sealed class FileGrantTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("l4-sandbox-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LandlockFact]
    public void A_file_that_is_not_granted_does_not_open()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "text");
        TestProcess.Run("read", file).Number.ShouldBe(0);
        TestProcess.Run(TestProcess.Confined("read", file)).Number.ShouldBe(13);
        TestProcess.Run(TestProcess.Confined("read", file) with { Files = TestProcess.Grants with { Read = [.. TestProcess.Grants.Read, file] } }).Number.ShouldBe(0);
        TestProcess.Run(TestProcess.Confined("read", file) with { Files = TestProcess.Grants with { Read = [.. TestProcess.Grants.Read, _folder] } }).Number.ShouldBe(0);
    }

    [LandlockFact]
    public void No_file_can_be_made_even_where_reading_is_granted() =>
        TestProcess.Run(TestProcess.Confined("create", Path.Combine(_folder, "new")) with { Files = TestProcess.Grants with { Read = [.. TestProcess.Grants.Read, _folder] } }).Number.ShouldBe(13);

    [LandlockFact]
    public void A_confined_child_has_no_capability_of_the_superuser()
    {
        using var child = ChildProcess.Start(TestProcess.Confined("sleep"));
        string[] status = File.ReadAllLines($"/proc/{child.Id}/status");
        status.ShouldContain("CapEff:\t0000000000000000");
        status.ShouldContain("CapPrm:\t0000000000000000");
        status.ShouldContain("NoNewPrivs:\t1");
    }

    [LandlockFact]
    public void The_parent_itself_is_not_restricted()
    {
        TestProcess.Run(TestProcess.Confined("exit", "0")).Number.ShouldBe(0);
        File.WriteAllText(Path.Combine(_folder, "mine"), "text");
    }

    [Fact]
    public void What_the_kernel_lacks_is_told()
    {
        using var child = ChildProcess.Start(TestProcess.Confined("exit", "0"));
        child.MissingProtection.Count.ShouldBe(Landlock.Version >= 4 ? 0 : 1);
    }
}
