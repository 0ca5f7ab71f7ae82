using System.Text.Json.Nodes;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Class activation maps of many images in parts, by several processes: the figures and pictures are those of one.</summary>
[Collection(SharedRuns.Name)]
public sealed class CamPartsTests(SharedRuns shared) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-cam-parts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Workers_give_what_one_process_gives_and_who_comes_late_finds_it_done()
    {
        string alone = Copy("alone"), together = Copy("together");
        SharedRuns.Run(Cam(alone));
        var workers = Enumerable.Range(1, 2).Select(i => SharedRuns.Start(Cam(together, "--part", $"{i}/2", "--json"))).ToArray();
        JsonNode[] said = [.. workers.Select(SharedRuns.End).Select(end => end.Code == 0 ? JsonNode.Parse(end.Output)! : throw new InvalidOperationException(end.Error))];
        JsonNode late = JsonNode.Parse(SharedRuns.Run(Cam(together, "--part", "2/7", "--json")))!;
        Assert.True((bool)late["complete"]!);
        // Three parts: each was made once, by one or the other or whoever came last.
        Assert.Equal(3, said.Append(late).SelectMany(one => one["made"]!.AsArray()).Sum(made => (int)made!["parts"]!));
        Assert.Single(said.Append(late), one => one["joined"]!.AsArray().Count == 1);
        Same(alone, together);
        Assert.Contains("made          nothing", SharedRuns.Run(Cam(together, "--part", "1/2")), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_that_a_killed_process_made_stay_made()
    {
        string alone = Copy("alone"), killed = Copy("killed");
        SharedRuns.Run(Cam(alone));
        var process = SharedRuns.Start(Cam(killed));
        string scratch = Path.Combine(killed, "scratch");
        while (!Directory.Exists(scratch) || !Directory.EnumerateFiles(scratch, "*.done", SearchOption.AllDirectories).Any())
        {
            Assert.False(process.HasExited, "it ended too soon");
            Thread.Sleep(2);
        }
        process.Kill();
        SharedRuns.End(process);
        Assert.False(File.Exists(Path.Combine(killed, "cams", "block4", "cams.json")));
        var (code, _, error) = SharedRuns.End(SharedRuns.Start([.. Cam(killed, "--part", "1/1").Select(word => word == "1" ? "2" : word)]));
        Assert.Equal(2, code);
        Assert.Contains("begun with 1 threads", error, StringComparison.Ordinal);
        JsonNode rest = JsonNode.Parse(SharedRuns.Run(Cam(killed, "--part", "1/1", "--json")))!;
        Assert.InRange((int)rest["made"]!.AsArray().Single()!["parts"]!, 1, 2);
        Same(alone, killed);
    }

    /// <summary>2,100 images are three parts.</summary>
    private static string[] Cam(string run, params string[] more) =>
        ["cam", "--run", run, "--images", "0", "--threads", "1", "--method", "gradcam", "gradcam-signed", "layercam", "--quiet", .. more];

    private string Copy(string name)
    {
        string to = Path.Combine(_folder, name);
        FolderCopies.Copy(shared.Trained, to);
        string recipe = Path.Combine(to, "recipe.toml");
        string text = File.ReadAllText(recipe), more = System.Text.RegularExpressions.Regex.Replace(text, "validation_images = [0-9]+", "validation_images = 2100");
        Assert.NotEqual(text, more);
        File.WriteAllText(recipe, more);
        return to;
    }

    private static void Same(string alone, string together)
    {
        Assert.Empty(FolderCopies.Differences(Path.Combine(alone, "cams"), Path.Combine(together, "cams")));
        Assert.False(Directory.Exists(Path.Combine(together, "scratch")), "scratch is left over");
    }
}
