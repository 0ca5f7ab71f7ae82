using System.Text;
using Fovea.IO;
using Xunit;

namespace Fovea.Tests.IO;

public sealed class ExclusiveFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-exclusive-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_that_another_worker_removes_in_between_is_created_again()
    {
        string path = Path.Combine(_folder, "scratch", "part.claim");
        int removed = 0;
        void Remove(string changing)
        {
            // Right before the link, as a worker does that joined all parts; twice, then it is over.
            if (changing != path || removed++ >= 2) return;
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
        DiskEvents.Changing += Remove;
        try
        {
            Assert.True(ExclusiveFile.TryCreate(path, Encoding.UTF8.GetBytes("mine")));
        }
        finally
        {
            DiskEvents.Changing -= Remove;
        }
        Assert.Equal(3, removed);
        Assert.Equal("mine", File.ReadAllText(path));
    }
}
