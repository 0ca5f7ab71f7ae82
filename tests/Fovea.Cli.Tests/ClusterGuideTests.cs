using System.Text.RegularExpressions;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// The guide to clusters and the tutorial on several processes, each from a folder that has a recipe, by a shell on a cluster of four nodes, as written.
/// </summary>
[Collection(SharedRuns.Name)]
public sealed partial class ClusterGuideTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-guide-").FullName;
    private readonly SlurmCluster _cluster;

    public ClusterGuideTests(SharedRuns shared) => _cluster = new SlurmCluster(shared) { Processors = 8 };

    public void Dispose()
    {
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_guide_to_clusters()
    {
        MpiRuns.Require();
        _cluster.Start();
        Assert.SkipUnless(_cluster.Command("srun", "--mpi=pmix", "true").Code == 0, "needs Slurm's pmix, and the library by the name of libpmix-dev");
        File.WriteAllText(Path.Combine(_folder, "recipe.toml"), Recipe);
        string said = Follow(Path.Combine("guide", "cluster.md"));
        foreach (string run in (string[])["shared", "cluster"])
        {
            Assert.True(File.Exists(Path.Combine(_folder, "runs", run, "report", "index.html")), said);
            Assert.DoesNotMatch("(failed|interrupted|waiting) +[a-z]", Shell($"fovea status runs/{run}"));
        }
        // By hand and by Slurm: the same bytes.
        string[] stages = ["activations", "dictionaries", "sweeps", "features"];
        foreach (string stage in stages)
            Assert.Empty(FolderCopies.Differences(Path.Combine(_folder, "runs", "shared", stage), Path.Combine(_folder, "runs", "cluster", stage)));
        Assert.True(File.Exists(Path.Combine(_folder, "runs", "cluster", "cams", "block4", "cams.json")), Logs());
        foreach (string run in (string[])["large", "larger"])
            Assert.True(File.Exists(Path.Combine(_folder, "runs", run, "dictionaries", "block4", "topk", "sae_weights.safetensors")), said);
    }

    [Fact]
    public void The_tutorial()
    {
        _cluster.Start();
        string said = Follow(Path.Combine("tutorial", "cluster.md"));
        Assert.DoesNotContain("failed", said, StringComparison.Ordinal);
        Assert.Empty(FolderCopies.Differences(Path.Combine(_folder, "alone", "activations"), Path.Combine(_folder, "shared", "activations")));
        Assert.True(File.Exists(Path.Combine(_folder, "cluster", "report", "index.html")), said);
        Assert.Empty(FolderCopies.Differences(Path.Combine(_folder, "alone", "dictionaries"), Path.Combine(_folder, "cluster", "dictionaries")));
    }

    private string Follow(string page)
    {
        string said = "";
        foreach (Match block in Block().Matches(File.ReadAllText(Path.Combine(Checkout.Root, "docs", page))))
        {
            string text = Regex.Replace(block.Groups["text"].Value, "^ +", "", RegexOptions.Multiline);
            if (block.Groups["kind"].Value == "toml") File.WriteAllText(Path.Combine(_folder, block.Groups["name"].Value), text);
            else if (block.Groups["kind"].Value == "sh") said += Shell(text);
            // Where a reader would look again and again.
            _cluster.WaitForJobs();
        }
        return said;
    }

    private string Shell(string lines)
    {
        string variables = string.Concat(MpiRuns.Variables.Select(pair => $"export {pair.Key}={pair.Value}\n"));
        var (code, output) = _cluster.Command(
            "bash", "-c", $"cd '{_folder}'; export PATH='{AppContext.BaseDirectory}':$PATH\n{variables}set -e\n{lines}");
        Assert.True(code == 0, $"{lines}: {output}\n{Logs()}");
        return output;
    }

    private string Logs() => string.Join('\n', Directory.EnumerateFiles(_folder, "*.log", SearchOption.AllDirectories).Select(File.ReadAllText));

    [GeneratedRegex(@"^ *```(?<kind>[a-z]+) ?(?<name>\S*)\n(?<text>.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    /// <summary>A small form of everything that the page speaks of.</summary>
    private const string Recipe = """
        schema = 1
        name = "guide"
        seed = 3

        [data]
        source = "shapesworld"
        train_images = 120
        validation_images = 48
        crop = 64

        [model]
        architecture = "small_cnn"

        [train]
        epochs = 1
        batch_size = 32

        [harvest]
        split = "train"
        layers = ["block4"]
        batch_size = 10
        shard_megabytes = 1

        [[dictionary]]
        name = "topk"
        layer = "block4"
        architecture = "topk"
        sparsity = 8
        batch_size = 512
        shards = 4
        epochs = 2

        [[sweep]]
        name = "pareto"
        layer = "block4"
        batch_size = 512
        epochs = 1

        [[sweep.dictionary]]
        architecture = "topk"
        sparsities = [4, 8]

        [[sweep.dictionary]]
        architecture = "l1"
        sparsities = [1, 2]

        [features]
        pictures = 1
        steps = 2
        seeds = 1
        examples = 1
        side_by_side = 1
        compare_units = 1
        """;
}
