using Fovea.IO;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary><c>fovea table</c>: what stands in Parquet, for spreadsheets.</summary>
public sealed class TableCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Every_number_of_a_table_stands_in_its_lines()
    {
        string table = _cli.Path_("run/proof/layer/topk/effects.parquet");
        Directory.CreateDirectory(Path.GetDirectoryName(table)!);
        TableFile.Write<EffectRow>(table,
        [
            new EffectRow { Unit = 3, Error = "kept", Images = 20, Active = 4, Logit = -0.1, LogitLower = -1.5e-7, Probability = 0.25, TopClass = 2 },
            new EffectRow { Unit = 4, Error = "=1+2", Images = 20, Logit = double.NaN, Disagreement = "a, \"b\"\nc" },
        ]);
        Assert.Equal(0, _cli.Run("table", table, "--csv", _cli.Path_("effects.csv")));
        (int Line, IReadOnlyList<string> Fields)[] lines = [.. CommaSeparated.Read(File.ReadAllText(_cli.Path_("effects.csv")), "effects.csv")];
        Assert.Equal(3, lines.Length);
        string Of(int row, string column) => lines[row].Fields[lines[0].Fields.ToList().IndexOf(column)];
        Assert.Equal(("3", "-0.1", "0.25", "2"), (Of(1, "unit"), Of(1, "logit"), Of(1, "probability"), Of(1, "topClass")));
        Assert.Equal(-1.5e-7, double.Parse(Of(1, "logitLower"), System.Globalization.CultureInfo.InvariantCulture));
        // No formula for a spreadsheet, nothing for what is no number or not known, and text as it is.
        Assert.Equal(("'=1+2", "", "", "a, \"b\"\nc"), (Of(2, "error"), Of(2, "logit"), Of(2, "probability"), Of(2, "disagreement")));
        Assert.Equal(0, _cli.Run("table", _cli.Path_("run")));
        Assert.Contains("2  proof", _cli.Output, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("table", table));
        Assert.Equal(File.ReadAllText(_cli.Path_("effects.csv")), _cli.Output);
    }

    [Fact]
    public void What_is_no_table_is_said()
    {
        Assert.Equal(3, _cli.Run("table", _cli.Path_("absent.parquet")));
        Assert.Equal(3, _cli.Run("table", _cli.Write("other.parquet", "x")));
        Assert.Contains("effects.parquet", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(3, _cli.Run("table", _cli.Write("effects.parquet", "PAR1")));
        Directory.CreateDirectory(_cli.Path_("empty"));
        Assert.Equal(3, _cli.Run("table", _cli.Path_("empty")));
        Assert.Equal(2, _cli.Run("table", _cli.Path_("empty"), "--csv", _cli.Path_("a.csv")));
    }
}
