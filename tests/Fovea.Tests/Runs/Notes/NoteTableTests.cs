using Fovea.Interpretation;
using Fovea.Runs.Notes;
using Xunit;

namespace Fovea.Tests.Runs.Notes;

public sealed class NoteTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-notes").FullName;

    public NoteTableTests()
    {
        string table = Path.Combine(_folder, RunLayout.Units("block4", "topk"), FeatureTables.FeaturesName);
        Directory.CreateDirectory(Path.GetDirectoryName(table)!);
        TableFile.Write(table, [.. Enumerable.Range(0, 10).Select(unit => new FeatureRow { Unit = unit })]);
        Directory.CreateDirectory(Path.Combine(_folder, "dictionaries", "block4", "topk"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly UnitNote[] Notes =
    [
        new("block4", "topk", 1) { Name = "=SUM(A1), \"wheel\"", Tags = ["-car", "round"], Rating = 5, Text = "two\nlines", Author = "A. N." },
        new("block4", "topk", 2) { Hidden = true, Written = "2026-11-28" },
        new("block4", "topk", 3) { Name = "'quoted'", Text = "''" },
    ];

    [Theory]
    [InlineData("notes.csv")]
    [InlineData("notes.json")]
    public void Notes_go_out_and_come_back(string file)
    {
        string path = Path.Combine(_folder, file);
        NoteTable.Save(path, Notes);
        Assert.All(NoteTable.Load(path).Zip(Notes), pair => Assert.True(pair.First.SaysTheSame(pair.Second)));
        var run = new RunNotes(_folder);
        Assert.Equal((3, 0, 0), Counts(run.Import(NoteTable.Load(path), replace: false)));
        Assert.Equal((0, 0, 3), Counts(run.Import(NoteTable.Load(path), replace: true)));
        Assert.All(run.All().Zip(Notes), pair => Assert.True(pair.First.SaysTheSame(pair.Second)));
    }

    [Fact]
    public void No_field_begins_as_a_formula()
    {
        string text = NoteTable.Text(Notes);
        Assert.Contains("\"'=SUM(A1), \"\"wheel\"\"\"", text, StringComparison.Ordinal);
        Assert.Contains(",'-car;round,", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_runs_own_notes_stay_unless_told_otherwise()
    {
        var run = new RunNotes(_folder);
        run.Save(new UnitNote("block4", "topk", 1) { Name = "mine" });
        NoteImport kept = run.Import(Notes, replace: false);
        Assert.Equal((2, 0, 0), Counts(kept));
        Assert.Equal("mine", Assert.Single(kept.Kept).Name);
        Assert.Equal("mine", run.Of("block4", "topk", 1).Name);
        Assert.Equal((0, 1, 2), Counts(run.Import(Notes, replace: true)));
        Assert.Equal((Notes[0].Name, 2), (run.Of("block4", "topk", 1).Name, run.Of("block4", "topk", 1).Revision));
    }

    [Fact]
    public void One_note_that_cannot_be_keeps_all_of_them_out()
    {
        var run = new RunNotes(_folder);
        Assert.Throws<FoveaException>(() => run.Import([Notes[0], Notes[1] with { Unit = 10 }], replace: true));
        Assert.Throws<FoveaException>(() => run.Import([Notes[0], Notes[0]], replace: true));
        Assert.Empty(run.All());
    }

    [Theory]
    [InlineData("", "no column 'layer'")]
    [InlineData("layer,source,unit,nme\n", "no column 'nme'")]
    [InlineData("layer,source,unit,unit\n", "twice")]
    [InlineData("layer,source,unit\nblock4,topk,1,2\n", "line 2: it has 4 fields")]
    [InlineData("layer,source,unit\nblock4,topk,one\n", "line 2: unit is a whole number, not 'one'")]
    [InlineData("layer,source,unit\n\nblock4,topk,\n", "line 3: there is no unit -1")]
    [InlineData("layer,source,unit,rating\nblock4,topk,1,9\n", "line 2: a rating is 1 to 5")]
    [InlineData("layer,source,unit,hidden\nblock4,topk,1,perhaps\n", "line 2: hidden is true or false")]
    public void What_is_no_table_of_notes_is_said_with_its_line(string text, string because)
    {
        var e = Assert.Throws<FoveaException>(() => NoteTable.Read(text, "notes.csv"));
        Assert.Equal(FailureKind.Data, e.Kind);
        Assert.Contains(because, e.Message, StringComparison.Ordinal);
    }

    private static (int, int, int) Counts(NoteImport done) => (done.Added, done.Replaced, done.Unchanged);
}
