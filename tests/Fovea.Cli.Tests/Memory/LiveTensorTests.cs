using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests.Memory;

/// <summary>No stage of a run leaves a tensor behind.</summary>
public sealed class LiveTensorTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = WorkFolder.Create("fovea-tensors-");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void After_every_stage_no_tensor_lives()
    {
        Dictionary<string, long> all = [];
        // The one has a sweep, the other effects.
        foreach (string name in (string[])["demo", "layers-mobilenetv2"])
        {
            var recipe = SmallRecipes.OnGeneratedImages(SmallRecipes.All.Single(one => one.Name == name), Path.Combine(_folder, "weights"));
            string file = Path.Combine(_folder, name + "-small.toml");
            File.WriteAllText(file, recipe.Resolved);
            foreach (var (stage, count) in LiveTensorProcess.Run(file, Path.Combine(_folder, name)))
                all[stage] = Math.Max(count, all.GetValueOrDefault(stage));
        }
        output.WriteLine(string.Join(", ", all.Select(one => $"{one.Key} {one.Value}")));
        Assert.Equal(Workflow.StageNames.Order(), all.Keys.Order());
        Assert.All(all, stage => Assert.True(stage.Value == 0, $"{stage.Key} leaves {stage.Value} tensors"));
    }
}
