using Fovea.Interpretation;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class NoteCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public NoteCommandTests()
    {
        string table = _cli.Path_($"run/{RunLayout.Units("block4", RunLayout.Neurons)}/{FeatureTables.FeaturesName}");
        Directory.CreateDirectory(Path.GetDirectoryName(table)!);
        TableFile.Write(table, [.. Enumerable.Range(0, 3).Select(unit => new FeatureRow { Unit = unit })]);
    }

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Notes_come_in_stay_and_go_out()
    {
        string table = _cli.Write("notes.csv", "unit,layer,source,name,tags\n2,block4,neurons,\"a rim, a wheel\",round;car\n");
        Assert.Equal(0, _cli.Run("notes", "import", table, "--run", _cli.Path_("run"), "--json"));
        Assert.Equal((1, 0), ((int)_cli.Json["added"]!, (int)_cli.Json["kept"]!));
        string other = _cli.Write("other.csv", "unit,layer,source,name\n2,block4,neurons,a coin\n");
        Assert.Equal(0, _cli.Run("notes", "import", other, "--run", _cli.Path_("run")));
        Assert.Contains("differ from the file's and stayed: unit 2 of block4/neurons", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("notes", "export", "--run", _cli.Path_("run"), "--out", _cli.Path_("out.csv"), "--json"));
        Assert.Equal(1, (int)_cli.Json["notes"]!);
        Assert.Contains("block4,neurons,2,\"a rim, a wheel\",car;round,", File.ReadAllText(_cli.Path_("out.csv")), StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("notes", "import", other, "--run", _cli.Path_("run"), "--replace", "--json"));
        Assert.Equal(1, (int)_cli.Json["replaced"]!);
    }

    [Fact]
    public void What_cannot_be_read_or_kept_ends_with_its_code()
    {
        Assert.Equal(3, _cli.Run("notes", "import", _cli.Path_("none.csv"), "--run", _cli.Path_("run")));
        Assert.Equal(3, _cli.Run("notes", "import", _cli.Write("bad.csv", "a,b\n"), "--run", _cli.Path_("run")));
        Assert.Equal(3, _cli.Run("notes", "export", "--run", _cli.Path_("nowhere"), "--out", _cli.Path_("out.csv")));
        string far = _cli.Write("far.csv", "layer,source,unit,name\nblock4,neurons,9,x\n");
        Assert.Equal(2, _cli.Run("notes", "import", far, "--run", _cli.Path_("run")));
        Assert.Contains("there is no unit 9", _cli.Error, StringComparison.Ordinal);
    }
}
