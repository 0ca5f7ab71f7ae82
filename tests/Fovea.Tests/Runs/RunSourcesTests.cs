using Fovea.Runs;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class RunSourcesTests
{
    private static WorkflowSettings Settings(string source) => new()
    {
        Name = "test",
        Seed = 3,
        Data = new DataSettings { Source = source, TrainImages = 30 },
        Model = new ModelSettings { Architecture = "small_cnn" },
    };

    [Fact]
    public void Generated_images_have_the_number_and_the_split_of_the_settings()
    {
        using var training = RunSources.Open(Settings("shapesworld"), training: true, "/");
        using var validation = RunSources.Open(Settings("shapesworld"), training: false, "/");
        Assert.Equal((30, 1200), (training.Count, validation.Count));
        Assert.StartsWith("train/", training.Id(0), StringComparison.Ordinal);
        Assert.StartsWith("val/", validation.Id(0), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_start_from_the_folder_given()
    {
        // A folder of one's own whose name begins like the built-in source is a folder.
        var error = Assert.Throws<FoveaException>(() => RunSources.Open(Settings("shapesworld-mine"), training: true, "/nowhere"));
        Assert.Contains(Path.GetFullPath("/nowhere/shapesworld-mine"), error.Message, StringComparison.Ordinal);
        Assert.False(RunSources.IsGenerated("shapesworld-mine"));
    }
}
