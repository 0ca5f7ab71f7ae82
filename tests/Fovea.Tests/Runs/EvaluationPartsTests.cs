using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages;
using Fovea.Training;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>A network whose weights are given, evaluated on many images by several workers.</summary>
public sealed class EvaluationPartsTests : IDisposable
{
    private const int Images = GivenEvaluations.ImagesOfPart + 41;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-evaluation-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Workers_that_share_an_evaluation_give_the_bytes_of_one_pass_over_all_images()
    {
        WorkflowSettings settings = Settings();
        string root = Path.Combine(_folder, "run"), alone = Path.Combine(_folder, "alone");
        var evaluation = new PartWorkers(settings, root, "model");
        // Two parts, and what joins them.
        Assert.Equal(3, evaluation.RunAlone(alone));
        RequireOnePass(settings, alone);
        for (int workers = 1; workers <= 3; workers++)
        {
            evaluation.Share(workers, 3, alone, value => value.Total == Images - GivenEvaluations.ImagesOfPart);
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>The table is that of one pass over all images.</summary>
    private void RequireOnePass(WorkflowSettings settings, string root)
    {
        using var context = new RunContext(settings, _folder, new RunFolder(root), new WorkflowOptions(), TestContext.Current.CancellationToken);
        var rows = DocumentFile.Read<EvaluationTable>(Path.Combine(root, "model", EvaluationTable.FileName)).Rows;
        Assert.Equal(["original"], rows.Select(row => row.Name));
        foreach (var (name, model) in GivenEvaluations.Of(settings.Model))
        {
            using ImageModel network = RecipeNetwork.Build(context, model, context.Validation.Classes.Count);
            EvaluationResult whole = Evaluator.Evaluate(network, context.Validation, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(Images, whole.Images);
            Assert.Equal(whole.Row(name), rows.Single(row => row.Name == name));
        }
    }

    private WorkflowSettings Settings()
    {
        var settings = new WorkflowSettings
        {
            Name = "evaluation",
            Seed = 3,
            Data = new DataSettings { Source = "shapesworld", TrainImages = 8, ValidationImages = Images, Resize = 16, Crop = 16 },
            Model = new ModelSettings { Architecture = "small_cnn", Weights = "weights/weights.safetensors" },
        };
        using var context = new RunContext(settings, _folder, new RunFolder(_folder), new WorkflowOptions(), CancellationToken.None);
        using ImageModel network = ImageModel.Create("small_cnn", context.Validation.Classes.Count, GradientFlow.Standard);
        network.Initialise(1);
        ModelFile.Save(Path.Combine(_folder, "weights"), network, context.Validation.Classes);
        return settings;
    }
}
