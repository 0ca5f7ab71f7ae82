using Fovea.Dictionaries;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>What units do, measured by several workers.</summary>
public sealed class ProofPartsTests : IDisposable
{
    private static readonly WorkflowSettings Settings = new()
    {
        Name = "proof",
        Seed = 3,
        Data = new DataSettings { Source = "shapesworld", TrainImages = 40, ValidationImages = 24, Crop = 64 },
        Model = new ModelSettings { Architecture = "small_cnn", LeakySlope = 0.01 },
        Train = new TrainSettings { Epochs = 1, BatchSize = 16, LearningRate = 1e-3, Augment = false },
        Harvest = new HarvestSettings { Layers = ["block3"], Filters = ["none", "magnitude"], BatchSize = 8, SampleImages = 1, ValidationFraction = 0.25 },
        Dictionary = [new DictionarySettings { Name = "a", Layer = "block3", Options = Sae.TopK(4) with { Expansion = 0.25, Epochs = 1 },
            Splice = false }],
        Proof = new ProofSettings { Images = 8, Units = 4, IntegrationSteps = 1, Firing = 1, CurveClasses = 0 },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-proof-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Workers_that_share_the_latents_of_a_layer_give_the_bytes_of_one()
    {
        string before = Path.Combine(_folder, "before"), root = Path.Combine(_folder, "run"), alone = Path.Combine(_folder, "alone");
        _ = new Workflow(Settings, _folder, new RunFolder(before), new WorkflowOptions { Until = "dictionary", Recipe = "recipe" })
            .Run(TestContext.Current.CancellationToken);
        FolderCopies.Copy(before, root);
        var proof = new PartWorkers(Settings, root, "proof");
        // Neurons; latents in two ways, and what needs both.
        Assert.Equal(4, proof.RunAlone(alone));
        for (int workers = 1; workers <= 3; workers++)
        {
            FolderCopies.Copy(before, root);
            proof.Share(workers, 4, alone, value => value.Detail == "effects of block3/a");
        }
    }
}
