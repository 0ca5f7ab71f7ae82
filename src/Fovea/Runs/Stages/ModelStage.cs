using Fovea.Imaging;
using Fovea.Models;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Speed;
using Fovea.Training;

namespace Fovea.Runs.Stages;

/// <summary>
/// Stage 1 in a run folder: <c>model/</c>. Without <c>[train]</c> the weights are evaluated and kept as they are. Parts: the network, and
/// each training that it is compared with; before the network its evaluations on many images, as far as nothing is trained for them.
/// </summary>
internal sealed class ModelStage(WorkflowSettings recipe) : IStage
{
    public string Name => "train";

    public IReadOnlyList<string> After => [];

    public string Folder(RunFolder run) => run.Model;

    public StageInputs Inputs(RunContext context) => new ModelInputs(
        recipe.Seed, recipe.Train is null ? null : context.Training.Fingerprint, context.Validation.Fingerprint, context.Preprocessing,
        Hashed(context, recipe.Model),
        recipe.Train is null ? null : recipe.Train with
        {
            CheckpointEverySteps = 0, // does not change the result
            Compare = [.. recipe.Train.Compare.Select(other => other with { Model = Hashed(context, other.Model) })],
        });

    public void Check(RunContext context)
    {
        if (recipe.Model is { Weights: null, Network: null } && recipe.Train is null)
            throw FoveaException.BadConfiguration(
                "The recipe neither names weights ([model] weights), nor a network with weights ([model] network), nor trains any "
                    + "([train]): there is no network to look into.");
        int classes = context.Validation.Classes.Count;
        if (classes == 0 && NetworkClasses.AreOfImages(recipe.Model))
        {
            throw FoveaException.BadConfiguration(
                $"The images of {context.Validation.Description} have no labels, and accuracy and [train] need them: say [model] classes = "
                    + "\"other\" for a run without (\"none\" where the network has no classes either), or give images in class folders.");
        }
        RecipeNetwork.RequireFit(context, recipe.Model, classes);
        if (recipe.Train is not { } train) return;
        context.Training.Classes.RequireSame(context.Validation.Classes, context.Validation.Description);
        foreach (var other in train.Compare) RecipeNetwork.RequireFit(context, other.Model, classes);
    }

    /// <summary>
    /// Where nothing is trained, the number of images says how many there are. Else as many as are made at once for long: who waits for a
    /// training does nothing.
    /// </summary>
    public int? PartCount => recipe.Train is null && GivenEvaluations.Of(recipe.Model).Count > 0 ? null : 1 + (recipe.Train?.Compare?.Count ?? 0);

    public IReadOnlyList<StagePart> Parts(RunContext context)
    {
        var given = new GivenEvaluations(context, Name).Parts();
        return
        [
            .. given,
            new("network", scratch => Make(context, scratch)) { After = [.. given.Select(part => part.Name)] },
            .. (recipe.Train?.Compare ?? []).Select(
                (other, i) => new StagePart($"compare-{i}", scratch => Compare(context, recipe.Train!, other, scratch))),
        ];
    }

    public StageCost Cost(RunContext context, MachineSpeed speed)
    {
        int validation = !NetworkClasses.AreOfImages(recipe.Model) ? 0 : context.Validation.Count;
        bool trained = IsTrained(recipe.Model) && recipe.Model.Classes == NetworkClasses.Own, modified = recipe.Model.AveragePooling
            || recipe.Model.LeakySlope > 0;
        double look = speed.Networks.Evaluation(recipe.Model, context.Validation);
        int evaluations = (trained ? 1 : 0) + (trained && modified ? 1 : 0);
        long bytes = Parameters(context, recipe.Model) * sizeof(float);
        if (recipe.Train is not { } train) return new StageCost(evaluations * validation * look, evaluations * (long)validation, 0, bytes);
        evaluations += 1 + (trained && train.StatisticsImages > 0 ? 1 : 0);
        var networks = train.Compare.Select(other => (other.Model, other.Augment, Epochs: other.Epochs ?? train.Epochs))
            .Prepend((recipe.Model, train.Augment, train.Epochs));
        double seconds = evaluations * validation * look + (IsTrained(recipe.Model) ? (train.StatisticsImages ?? 0) * look : 0);
        long images = evaluations * (long)validation;
        foreach (var (model, augment, epochs) in networks)
        {
            double own = speed.Networks.Evaluation(model, context.Validation);
            seconds += epochs * (context.Training.Count * speed.Networks.Training(model, train, augment)
                + (validation + (train.StatisticsImages ?? 0)) * own);
            images += epochs * ((long)context.Training.Count + validation);
        }
        return new StageCost(seconds, images, 0, bytes);
    }

    private static long Parameters(RunContext context, ModelSettings model)
    {
        using var network = Build(context, model with { Weights = null }, context.Validation.Classes.Count);
        return network.State.Values.Sum(tensor => tensor.numel());
    }

    public string Summary(RunFolder run)
    {
        if (Evaluation(run)?.Rows[^1] is not { } row) return "not evaluated: the images have no classes that are the network's";
        return FormattableString.Invariant($"top-1 {row.Top1:0.0%}, top-5 {row.Top5:0.0%} on {row.Images} images");
    }

    public WorkflowResult AddTo(WorkflowResult result, RunFolder run)
    {
        result = result with { LeftOut = DocumentFile.Find<ModelDocument>(Path.Combine(run.Model, ModelDocument.FileName))?.LeftOut ?? [] };
        return Evaluation(run)?.Rows[^1] is not { } row
            ? result : result with { Top1 = row.Top1, Top5 = row.Top5, Loss = row.Loss, Images = row.Images };
    }

    private static EvaluationTable? Evaluation(RunFolder run) =>
        DocumentFile.Find<EvaluationTable>(Path.Combine(run.Model, EvaluationTable.FileName));

    private void Make(RunContext context, string scratch)
    {
        var settings = recipe;
        string folder = context.Run.Model;
        List<EvaluationRow> table = [];
        using var network = Build(context, settings.Model, context.Validation.Classes.Count);
        if (!NetworkClasses.AreOfImages(settings.Model))
        {
            var leftOut = WithoutClasses.LeftOut(settings, context.Validation.Classes.Count > 0);
            foreach (string sentence in leftOut) context.LogOnce(sentence);
            ModelFile.Save(folder, network, RecipeNetwork.OtherClasses(context, settings.Model, network.Outputs), leftOut);
            return;
        }
        // A fresh last layer knows nothing yet: there is nothing to evaluate.
        bool trained = IsTrained(settings.Model) && settings.Model.Classes == NetworkClasses.Own;
        bool modified = network.Flow != GradientFlow.Standard;
        var given = new GivenEvaluations(context, Name);
        if (trained && modified)
        {
            using var original = Build(context, GivenEvaluations.WithoutModification(settings.Model), context.Validation.Classes.Count);
            table.Add(Said(context, "original", given.Evaluate(original, "original", scratch)).Row("original"));
        }
        string plain = modified ? "modified" : "original";
        var last = trained ? Said(context, plain, given.Evaluate(network, plain, scratch)) : null;
        if (last is not null) table.Add(last.Row(plain));
        SayChance(context, last, network.Outputs,
            "the preprocessing is not the network's ([data] resize, crop, mean, std), the classes stand in another order ([data] "
                + "classes), or the output is not the classifier's ([model] output).");

        if (settings.Train is { } train)
        {
            if (train.StatisticsImages is not null && !BatchStatistics.Has(network))
            {
                context.LogOnce(
                    DataReport.Warning + "train.statistics_images has nothing to measure: the network has no batch normalisation of "
                    + "its own. It never had one, or whoever exported it folded it into the convolutions before it.");
            }
            else if (IsTrained(settings.Model) && train.StatisticsImages is { } measured)
            {
                BatchStatistics.Estimate(network, context.Training, measured, settings.Seed,
                    progress: new Reporter<EvaluationProgress>(
                        value => context.Report(Name, value.Images, value.Total, "images", "measuring batch normalisation")),
                    cancellationToken: context.Cancellation);
                if (trained) table.Add(Evaluate(context, network, "re-normalised").Row("re-normalised"));
            }
            Tune(context, network, train, folder, scratch, Name, train.Augment, train.Epochs, train.LearningRate);
            last = Evaluate(context, network, "fine-tuned");
            SayChance(context, last, network.Outputs,
                "it learned too briefly or at a rate that does not suit it ([train] epochs, learning_rate), the preprocessing is not its "
                    + "weights' ([data] resize, crop, mean, std), or the labels are not of what the images show. What is found in it is of no "
                    + "trained network.");
            table.Add(last.Row(IsTrained(settings.Model) ? "fine-tuned" : "trained"));
        }
        DocumentFile.Write(Path.Combine(folder, EvaluationTable.FileName), new EvaluationTable(table));
        ErrorAnalysis.Write(
            folder, ErrorAnalysis.Analyse(last!, context.Validation, context.Preprocessing), context.Validation, context.Preprocessing);
        if (last!.Damaged.Count > 0) DocumentFile.Write(Path.Combine(folder, "damaged-validation.json"), new DamagedImages(last.Damaged));
        ModelFile.Save(folder, network, context.Validation.Classes);
    }

    private static void SayChance(RunContext context, EvaluationResult? result, int classes, string reasons)
    {
        if (result?.IsChance(classes) != true) return;
        context.Log(DataReport.Warning + FormattableString.Invariant(
            $"The network is right about {result.Top1:0.0%} of the images, no better than chance. Likely reasons: ") + reasons);
    }

    private static bool IsTrained(ModelSettings model) => model is not { Weights: null, Network: null };

    /// <summary>A network with the weights its settings name, or fresh ones.</summary>
    internal static ImageModel Build(RunContext context, ModelSettings settings, int classes, Preprocessing? preprocessing = null) =>
        RecipeNetwork.Build(context, settings, classes, preprocessing);

    /// <summary>Trains, and leaves the weights of the best epoch in the network.</summary>
    private static void Tune(
        RunContext context, ImageModel network, TrainSettings train, string folder, string scratch, string stage, bool augment, int epochs,
            double rate)
    {
        context.Training.Classes.RequireSame(context.Validation.Classes, context.Validation.Description);
        var tuner = new FineTuner(network, OptionsOf(context, train, augment, epochs, rate));
        var progress = new Reporter<TrainingProgress>(
            value => context.Report(stage, value.Step, value.Steps, "steps", value.Validation is { } validation
            ? $"epoch {value.Epoch}/{value.Epochs}, validating {validation.Images}/{validation.Total}"
            : FormattableString.Invariant($"epoch {value.Epoch}/{value.Epochs}, loss {value.Loss:0.000}, top-1 {value.Top1:0.0%}")));
        var result = tuner.Run(context.Training, context.Validation, folder, scratch, progress, context.Cancellation);
        if (result.Damaged.Count > 0) DocumentFile.Write(Path.Combine(folder, DamagedImages.FileName), new DamagedImages(result.Damaged));
        FineTuner.LoadBest(scratch, network);
    }

    /// <summary>What a recipe says of a training, as the trainer takes it.</summary>
    internal static TrainingOptions OptionsOf(RunContext context, TrainSettings train, bool augment, int epochs, double rate) => new()
    {
        Epochs = epochs,
        BatchSize = train.BatchSize,
        LearningRate = rate,
        MinimumLearningRate = train.MinimumLearningRate,
        Seed = context.Settings.Seed,
        CheckpointEverySteps = train.CheckpointEverySteps,
        StatisticsImages = train.StatisticsImages ?? 0,
        Augmentation = augment ? Augmentation(train) : null,
    };

    private static AugmentationOptions Augmentation(TrainSettings train) => new()
    {
        CropScaleMinimum = train.CropScale,
        Flip = train.Flip,
        Brightness = train.Jitter,
        Contrast = train.Jitter,
        Saturation = train.Jitter,
        Hue = train.Hue,
        Erasing = train.Erase,
    };

    /// <summary>One more curve of figure 4: its history is all that is kept.</summary>
    private void Compare(RunContext context, TrainSettings train, CompareSettings other, string scratch)
    {
        string folder = context.Run.Comparison(other.Name);
        using var network = Build(context, other.Model, context.Validation.Classes.Count);
        Tune(context, network, train, folder, scratch, $"{Name} {other.Name}", other.Augment,
            other.Epochs ?? train.Epochs, other.LearningRate ?? train.LearningRate);
    }

    private EvaluationResult Evaluate(RunContext context, ImageModel network, string what)
    {
        var progress = new Reporter<EvaluationProgress>(
            value => context.Report(Name, value.Images, value.Total, "images", $"evaluating, {what}"));
        return Said(
            context, what, Evaluator.Evaluate(network, context.Validation, progress: progress, cancellationToken: context.Cancellation));
    }

    private static EvaluationResult Said(RunContext context, string what, EvaluationResult result)
    {
        context.Log(FormattableString.Invariant(
            $"{what}: top-1 {result.Top1:0.00%}, top-5 {result.Top5:0.00%}, loss {result.Loss:0.0000} on {result.Images} images"));
        return result;
    }

    /// <summary>A network's file by its content, and those that hold its weights.</summary>
    private static string NetworkHash(RunContext context, string path)
    {
        string file = context.Resolve(path);
        // What cannot be read says so where it is opened.
        return !File.Exists(file) ? context.FileHash(file) : string.Join(' ', NetworkFile.FilesOf(file).Select(context.FileHash));
    }

    /// <summary>The settings with files by their content.</summary>
    private static ModelSettings Hashed(RunContext context, ModelSettings model) => model with
    {
        Weights = model.Weights is null ? null : context.FileHash(context.Resolve(model.Weights)),
        Network = model.Network is null ? null : NetworkHash(context, model.Network),
        Preprocess = model.Preprocess is null ? null : NetworkHash(context, model.Preprocess),
        ClassList = model.ClassList is null ? null : context.FileHash(context.Resolve(model.ClassList)),
    };
}
