using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Runs.Notes;
using Xunit;

namespace Fovea.Tests.Runs.Notes;

public sealed class RunNotesTests : IDisposable
{
    private const int Units = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-notes").FullName;
    private readonly RunNotes _notes;

    public RunNotesTests()
    {
        string table = Path.Combine(_folder, RunLayout.Units("block4", RunLayout.Neurons), FeatureTables.FeaturesName);
        Directory.CreateDirectory(Path.GetDirectoryName(table)!);
        TableFile.Write(table, [.. Enumerable.Range(0, Units).Select(unit => new FeatureRow { Unit = unit })]);
        _notes = new RunNotes(_folder);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static UnitNote Note(int unit, string? name = "a wheel") => new("block4", RunLayout.Neurons, unit) { Name = name };

    [Fact]
    public void A_note_is_kept_as_it_was_given_and_nothing_is_added()
    {
        UnitNote note = Note(3, " a <b>wheel</b> ") with { Tags = ["round", " Round", "", "car"], Rating = 4, Text = "first\r\nsecond" };
        NoteSave saved = _notes.Save(note);
        Assert.True(saved.Saved);
        UnitNote kept = Assert.Single(new RunNotes(_folder).All());
        Assert.Equal(("a <b>wheel</b>", 4, "first\nsecond", 1), (kept.Name, kept.Rating, kept.Text, kept.Revision));
        Assert.Equal(["car", "round"], kept.Tags);
        Assert.Null(kept.Author);
        Assert.Null(kept.Written);
        Assert.Equal(kept, _notes.Of("block4", RunLayout.Neurons, 3) with { Tags = kept.Tags });
    }

    [Fact]
    public void Who_has_not_seen_the_newest_note_does_not_replace_it()
    {
        UnitNote first = _notes.Save(Note(1)).Kept;
        UnitNote second = _notes.Save(first with { Name = "a rim" }).Kept;
        NoteSave late = _notes.Save(first with { Name = "a coin" });
        Assert.False(late.Saved);
        Assert.Equal(("a rim", 2), (late.Kept.Name, late.Kept.Revision));
        Assert.Equal("a rim", _notes.Of("block4", RunLayout.Neurons, 1).Name);
        // The same words twice, as of a page sent twice, are no quarrel.
        Assert.True(_notes.Save(first with { Name = "a rim" }).Saved);
        Assert.True(_notes.Save(second with { Name = "a coin" }).Saved);
    }

    [Fact]
    public void One_that_was_taken_back_is_not_brought_back_by_somebody_who_saw_it()
    {
        UnitNote first = _notes.Save(Note(1)).Kept;
        Assert.True(_notes.Save(first with { Name = null }).Saved);
        Assert.Empty(_notes.All());
        Assert.False(_notes.Save(first with { Rating = 2 }).Saved);
        Assert.Equal(2, _notes.Of("block4", RunLayout.Neurons, 1).Revision);
    }

    [Fact]
    public void Many_writers_at_once_lose_nothing()
    {
        Parallel.For(0, Units, new ParallelOptions { MaxDegreeOfParallelism = 8 },
            unit => Assert.True(new RunNotes(_folder).Save(Note(unit, $"unit {unit}")).Saved));
        Assert.Equal(Enumerable.Range(0, Units).Select(unit => (unit, $"unit {unit}")), _notes.All().Select(note => (note.Unit, note.Name!)));
        // And of many on one unit exactly one is the first.
        int saved = 0;
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 },
            i => Interlocked.Add(ref saved, new RunNotes(_folder).Save(Note(7, $"writer {i}") with { Revision = 1 }).Saved ? 1 : 0));
        Assert.Equal(1, saved);
        Assert.Equal(2, _notes.Of("block4", RunLayout.Neurons, 7).Revision);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_notes_before_it()
    {
        UnitNote first = _notes.Save(Note(1)).Kept;
        byte[] before = File.ReadAllBytes(_notes.File);
        Directory.CreateDirectory(AtomicFile.TemporaryOf(_notes.File));
        Assert.Equal(FailureKind.Resource, Assert.Throws<FoveaException>(() => _notes.Save(first with { Name = "a coin" })).Kind);
        Assert.Equal(before, File.ReadAllBytes(_notes.File));
    }

    [Fact]
    public void A_damaged_file_is_said_and_left_as_it_is()
    {
        _notes.Save(Note(1));
        File.WriteAllText(_notes.File, "{\"schema\": 1, \"notes\": [{");
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => _notes.Save(Note(2))).Kind);
        Assert.Equal("{\"schema\": 1, \"notes\": [{", File.ReadAllText(_notes.File));
    }

    [Fact]
    public void What_cannot_be_kept_is_refused_before_anything_is_written()
    {
        Refused(Note(Units), "there is no unit 40");
        Refused(Note(0) with { Layer = "block5" }, "no layer block5");
        Refused(Note(0) with { Layer = "../block4" }, "holds '/'");
        Refused(Note(0) with { Source = "topk" }, "has no topk");
        Refused(Note(0) with { Rating = 6 }, "a rating is 1 to 5");
        Refused(Note(0, new string('x', UnitNote.LongestName + 1)), "201 characters");
        Refused(Note(0, "a\u0007b"), "control character");
        Refused(Note(0, "a\ud800b"), "no text");
        Refused(Note(0) with { Tags = ["a;b"] }, "semicolon");
        Refused(Note(0) with { Tags = [.. Enumerable.Range(0, 33).Select(i => $"t{i}")] }, "33 tags");
        Assert.False(File.Exists(_notes.File));
    }

    private void Refused(UnitNote note, string because)
    {
        var e = Assert.Throws<FoveaException>(() => _notes.Save(note));
        Assert.Equal(FailureKind.Configuration, e.Kind);
        Assert.Contains(because, e.Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => _notes.Import([note], replace: true));
    }
}
