using Fovea.Interpretation;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Interpretation;

public sealed class PictureSetTests : IDisposable
{
    private readonly string _folder = WorkFolder.Create("fovea-pictures-");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Pictures_and_their_document_are_there_whole_and_those_before_go()
    {
        string first = Write("one"), again = Write("one"), other = Write("two");
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal([Path.Combine(_folder, other)], Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_cannot_be_finished_leaves_what_was_there_and_nothing_begun(bool cancelled)
    {
        string before = Write("one");
        Exception problem = cancelled ? new OperationCanceledException() : new IOException("no room");
        Exception told = Assert.ThrowsAny<Exception>(() => PictureSet.Write(_folder, "maps", partial =>
        {
            File.WriteAllText(Path.Combine(partial, "0.png"), "begun");
            throw problem;
        }, _ => Assert.Fail("nothing is published")));
        Assert.Equal(cancelled ? typeof(OperationCanceledException) : typeof(FoveaException), told.GetType());
        Assert.Equal([Path.Combine(_folder, before)], Directory.GetFileSystemEntries(_folder));
    }

    private string Write(string picture)
    {
        string name = "";
        PictureSet.Write(_folder, "maps", partial => File.WriteAllText(Path.Combine(partial, "0.png"), picture), published => name = published);
        return name;
    }
}
