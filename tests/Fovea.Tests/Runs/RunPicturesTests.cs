using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Visualization;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class RunPicturesTests
{
    [Fact]
    public void Presets_keep_their_own_numbers_until_the_settings_change_them()
    {
        var settings = new WorkflowSettings { Name = "x", Data = new DataSettings { Source = "x" }, Model = new ModelSettings { Architecture = "small_cnn" }, Features = new FeatureSettings() };
        RenderOptions Of(string preset) => RunPictures.Options(settings, preset);
        Assert.Equal((200, 1.0, 1e-3, 0.3), Numbers(Of("paper")));
        Assert.Equal((200, 1.0, 0, 0), Numbers(Of("naive")));
        Assert.Equal((512, 0.05, 0, 0), Numbers(Of("lucid")));
        Assert.Equal((256, 1.0, 0, 0), Numbers(Of("maco")));
        settings = settings with { Features = new FeatureSettings { Steps = 7, LearningRate = 0.5, TotalVariation = 0.25, Blur = 2 } };
        Assert.Equal((7, 0.5, 0.25, 2), Numbers(Of("paper")));
        Assert.Equal((7, 0.5, 0, 0), Numbers(Of("naive")));
        Assert.Equal((7, 0.5, 0.25, 2), Numbers(Of("lucid")));
    }

    private static (int, double, double, double) Numbers(RenderOptions options) => (options.Steps, options.LearningRate, options.TotalVariation, options.Blur);
}
