using Fovea.IO;
using Fovea.Runs;
using Xunit;

namespace Fovea.Tests.IO;

/// <summary>What a disk did not do, in words that help; names that are long, and times that are to come.</summary>
public sealed class DiskFailureTests : IDisposable
{
    private const int NoSpace = 28, ReadOnly = 30, Busy = 11, Broken = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-disk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(NoSpace, "No space left on device : '/x'", "the disk is full (No space left on device). Free some space")]
    [InlineData(ReadOnly, "Read-only file system : '/x'", "the disk can only be read (Read-only file system). Have it mounted for writing")]
    [InlineData(Broken, "Input/output error : '/x'", "Input/output error : '/x'. Look after the disk")]
    public void It_says_what_helps(int number, string said, string expected)
    {
        FoveaException error = DiskFailure.Of("Cannot write x", new IOException(said, number));
        Assert.StartsWith("Cannot write x: " + expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Resource, error.Kind);
    }

    [Fact]
    public void Rights_and_names_are_told_from_room()
    {
        FoveaException right = DiskFailure.Of("Cannot write x", new UnauthorizedAccessException("Access to the path 'x' is denied."));
        Assert.Contains("have the right to write there", right.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("space", right.Message, StringComparison.Ordinal);
        FoveaException name = DiskFailure.Of("Cannot write x", new PathTooLongException());
        Assert.Equal(FailureKind.Configuration, name.Kind);
    }

    [Fact]
    public void Only_a_file_in_use_is_another_process()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "numbers of Linux");
        Assert.True(DiskFailure.IsInUse(new IOException("used by another process", Busy)));
        Assert.False(DiskFailure.IsInUse(new IOException("Read-only file system", ReadOnly)));
        Assert.False(DiskFailure.IsInUse(new IOException("No space left on device", NoSpace)));
    }

    /// <summary>What a disk takes as a name can be written, though it is written under a longer one first.</summary>
    [Theory]
    [InlineData(255, 'x')]
    [InlineData(240, 'x')]
    [InlineData(85, '語')]
    public void Every_name_that_a_disk_takes_can_be_written(int count, char letter)
    {
        string path = Path.Combine(_folder, new string(letter, count));
        AtomicFile.WriteText(path, "whole");
        Assert.Equal("whole", File.ReadAllText(path));
        Assert.True(ExclusiveFile.TryCreate(Path.Combine(_folder, "b" + new string(letter, count - 1)), [1]));
        Assert.Equal(2, Directory.EnumerateFiles(_folder).Count());
    }

    [Fact]
    public void A_long_name_is_written_under_one_that_says_whose_it_is()
    {
        string first = AtomicFile.TemporaryOf(Path.Combine(_folder, new string('x', 250))), second = AtomicFile.TemporaryOf(Path.Combine(_folder, new string('x', 251)));
        Assert.NotEqual(first, second);
        Assert.Equal(_folder, Path.GetDirectoryName(first));
        File.WriteAllText(first, "left over");
        new RunFolder(_folder).RemovePartialFiles();
        Assert.False(File.Exists(first));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(1000)]
    public void A_name_that_no_disk_takes_is_a_wrong_setting(int count)
    {
        string path = Path.Combine(_folder, new string('x', count));
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => AtomicFile.WriteText(path, "")).Kind);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => FolderLock.Take(path)).Kind);
        Assert.Contains("255 are the most", Assert.Throws<FoveaException>(() => WritablePlace.RequireFolder(path, "--out")).Message, StringComparison.Ordinal);
        Assert.Contains("255 are the most", Assert.Throws<FoveaException>(() => WritablePlace.RequireFile(path, "--csv")).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void A_path_that_leaves_no_room_for_what_lies_in_it_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "lengths of Linux");
        string deep = Path.Combine([_folder, .. Enumerable.Repeat(new string('x', 200), 18)]);
        FoveaException error = Assert.Throws<FoveaException>(() => WritablePlace.RequireFolder(deep, "--out"));
        Assert.Contains("3495 are the most, with what is written into it", error.Message, StringComparison.Ordinal);
        WritablePlace.RequireFile(deep, "--csv");
        WritablePlace.RequireFolder(_folder, "--out");
    }

    [Fact]
    public void A_place_below_a_file_is_refused()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.Contains("is a file, no folder", Assert.Throws<FoveaException>(() => WritablePlace.RequireFile(Path.Combine(file, "a", "b.csv"), "--csv")).Message, StringComparison.Ordinal);
    }

    /// <summary>Of another machine, with the time of a clock that was wrong or has been set back.</summary>
    [Fact]
    public void A_left_over_file_of_a_time_to_come_goes()
    {
        string old = Path.Combine(_folder, "d.elsewhere-1-1.partial"), young = Path.Combine(_folder, "e.elsewhere-1-1.partial");
        foreach (string file in (string[])[old, young]) File.WriteAllText(file, "");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(300));
        new RunFolder(_folder).RemovePartialFiles();
        Assert.Equal([young], Directory.EnumerateFiles(_folder));
    }
}
