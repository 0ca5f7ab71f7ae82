using Fovea.Imaging;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>A run's network is read as its recipe says, by commands too.</summary>
public sealed class RunModelTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-run-model-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(null, EngineChoice.Auto, ReadingEngine.OnnxRuntime)]
    [InlineData("torch", EngineChoice.Torch, ReadingEngine.Torch)]
    [InlineData("onnxruntime", EngineChoice.OnnxRuntime, ReadingEngine.OnnxRuntime)]
    public void By_the_engine_of_the_recipe(string? engine, EngineChoice choice, string reads)
    {
        var run = new RunFolder(_root);
        using (ImageModel made = ImageModel.Create("small_cnn", 3, preprocessing: Preprocessing.ImageNet(null, 64), seed: 1))
            ModelFile.Save(run.Model, made);
        var settings = new WorkflowSettings
        {
            Name = "x",
            Data = new DataSettings { Source = "x" },
            Model = new ModelSettings { Architecture = "small_cnn", Engine = engine },
        };
        using ImageModel model = RunModel.Load(run, settings);
        Assert.Equal(choice, model.Engine);
        using ModelReader reader = model.Reader(new Probe("block2"));
        Assert.Equal(reads, reader.Engine.Name);
    }
}
