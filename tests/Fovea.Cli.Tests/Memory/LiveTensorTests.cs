using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests.Memory;

/// <summary>After every stage of a run no tensor lives but those of the run's network, and after the run none.</summary>
public sealed class LiveTensorTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = WorkFolder.Create("fovea-tensors-");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void No_stage_leaves_a_tensor_behind()
    {
        HashSet<string> seen = [];
        foreach (string name in (string[])["demo", "filters-resnet18"])
        {
            var recipe = SmallRecipes.OnGeneratedImages(SmallRecipes.All.Single(one => one.Name == name), Path.Combine(_folder, "weights"));
            string file = Path.Combine(_folder, name + "-small.toml");
            File.WriteAllText(file, recipe.Resolved);
            var found = LiveTensorProcess.Run(file, Path.Combine(_folder, name));
            output.WriteLine($"{name}: {string.Join(", ", found.AfterStages.Select(one => $"{one.Key} {one.Value}"))}; of the network {found.OfNetwork}");
            Assert.Equal(0, found.Collections);
            Assert.Equal(0, found.AtTheEnd);
            Assert.All(found.AfterStages, one => Assert.True(one.Value == 0 || one.Value == found.OfNetwork, $"{one.Key} leaves {one.Value} tensors"));
            seen.UnionWith(found.AfterStages.Keys.Select(stage => stage.Split(' ')[0]));
        }
        Assert.Equal(Workflow.StageNames.Order(), seen.Order());
    }
}
