using System.Text.RegularExpressions;
using Fovea.Datasets;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using TorchSharp;
using Xunit;

namespace Fovea.Tests.Numerics;

/// <summary>One setting bounds the threads that compute.</summary>
public sealed partial class ThreadBoundTests
{
    /// <summary>Files that may start threads, and why they stay within the bound.</summary>
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["ParallelLoop.cs"] = "the loop that is bounded",
        ["Workers.cs"] = "the threads of the kernels, as many as the bound",
        ["ImageLoaderRun.cs"] = "as many as LoaderOptions says, by default the bound",
        ["BatchReader.cs"] = "one reader that waits for the disk",
        ["WindowReader.cs"] = "one window read from the disk ahead: waits for the disk, and copies",
        ["Harvester.cs"] = "one writer that waits for the disk",
        ["PendingWork.cs"] = "one writer that waits for the disk",
        ["OrtLanes.cs"] = "as many as the session was made for",
        ["SignsOfLife.cs"] = "waits for bytes of other processes",
        ["Interruption.cs"] = "one that waits for standard input to end",
        ["LiveWorker.cs"] = "the one thread that the explorer's network is used by",
        ["LiveModel.cs"] = "reads one image while the explorer answers others",
        ["RelationShelf.cs"] = "one count at a time, by loops that are bounded",
        ["OrderQueue.cs"] = "waits for a process of its own",
        ["FeatureSet.cs"] = "opens one table while another is read",
        ["ExplorerContext.cs"] = "makes one page once, before anybody asks for it",
        ["OrtSession.cs"] = "one pass at a time, of the threads it was made for, while the next images are decoded",
    };

    [Fact]
    public void No_other_code_starts_threads()
    {
        string source = Path.Combine(Checkout.Root, "src");
        string[] found =
        [
            .. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                    && Starts().IsMatch(File.ReadAllText(file)))
                .Where(file => !Allowed.ContainsKey(Path.GetFileName(file))).Select(file => Path.GetRelativePath(source, file)),
        ];
        Assert.Empty(found);
        Assert.Matches(Starts(), "Parallel.For(0, 3, body)");
    }

    [Fact]
    public void A_loop_takes_no_more_threads_than_there_may_be()
    {
        int before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(2);
            int now = 0, most = 0;
            ParallelLoop.For(64, _ =>
            {
                int running = Interlocked.Increment(ref now);
                InterlockedMax(ref most, running);
                Thread.Sleep(2);
                Interlocked.Decrement(ref now);
            }, TestContext.Current.CancellationToken);
            Assert.InRange(most, 1, 2);
            Assert.Equal(2, new LoaderOptions().Workers);
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }

    [GeneratedRegex(@"\bParallel\.(For|ForEach|ForAsync|ForEachAsync|Invoke)\b|\.AsParallel\(|\bTask\.Run\(|\bTask\.Factory\b|\bnew Thread\(|\bThreadPool\.")]
    private static partial Regex Starts();
}
