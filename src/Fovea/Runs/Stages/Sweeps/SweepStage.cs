using Fovea.Activations;
using Fovea.Dictionaries.Plain;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Speed;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>
/// Stage 3 in a run folder, many at once: <c>sweeps/&lt;layer&gt;/&lt;name&gt;/</c>. Parts: the autoencoders that are trained together in
/// each fold; what is measured needs them all.
/// </summary>
internal sealed class SweepStage(SweepSettings settings) : IStage
{
    public string Name { get; } = $"sweep {settings.Layer}/{settings.Name}";

    public IReadOnlyList<string> After => ["harvest"];

    public string Folder(RunFolder run) => run.Sweep(settings.Layer, settings.Name);

    // The description is for people alone.
    public StageInputs Inputs(RunContext context) => new SweepInputs(context.Settings.Seed, settings with { Description = "" });

    public void Check(RunContext context)
    {
        var (channels, positions) = context.Shapes.Of(settings.Layer);
        var harvest = context.Settings.Harvest!;
        int harvested = HarvestStage.Images(context.Harvested.Count, harvest.Images, context.Settings.Seed).Length;
        DictionaryChecks.RequireFolds(settings, harvested);
        int training = SweepFold.TrainingImages(harvested, harvest.ValidationFraction, settings, context.Settings.Seed);
        foreach (var member in SweepPlan.Members(settings, context.Settings.Seed))
        {
            DictionaryChecks.RequireFit(member.Options, channels, $"'{member.Id}' of {Name}");
            DictionaryChecks.RequireVectors(member.Options, channels, training, harvest.RowsOf(positions), $"'{member.Id}' of {Name}");
        }
    }

    public IReadOnlyList<StagePart> Parts(RunContext context)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(settings.Layer));
        SweepMember[][] waves = [.. SweepPlan.Waves(SweepPlan.Members(settings, context.Settings.Seed), store.Dimension)];
        int all = waves.Length * settings.Folds;
        _ = SweepFold.Of(store, settings, context.Settings.Seed); // refuses folds without images
        return
        [
            .. Enumerable.Range(0, settings.Folds).SelectMany(fold => waves.Select((wave, i) =>
                new StagePart(
                    $"fold-{fold}-wave-{i}",
                        scratch => Train(context, wave, fold, scratch, $"wave {fold * waves.Length + i + 1} of {all}")))),
        ];
    }

    public void Join(RunContext context)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(settings.Layer));
        var members = SweepPlan.Members(settings, context.Settings.Seed);
        var folds = SweepFold.Of(store, settings, context.Settings.Seed);
        var failures = new SweepFailures(line => context.Log($"{Name}: {line}"));
        var training = new SweepTraining(context, settings, store, Name);
        foreach (var failure in members.Select(member => training.FailureOf(member, folds)).OfType<SweepFailure>())
            failures.Add(failure, FailureKind.Numerical);
        SweepMember[] trained = [.. members.Where(member => !failures.Include(member.Id, baseline: false))];
        var measurement = new SweepMeasurement(context, settings, store, training, failures, Name);
        var points = measurement.Points(trained, folds, () => context.Network);
        failures.RequireAny(points);
        DocumentFile.Write(Path.Combine(Folder(context.Run), SweepDocument.FileName), new SweepDocument
        {
            Name = settings.Name,
            Layer = settings.Layer,
            Description = settings.Description,
            Folds = settings.Folds,
            Validate = settings.Validate,
            Points = points,
            Stability = measurement.Stability(trained, folds[0]),
            Failed = failures.All,
        });
    }

    /// <summary>A sentence that was corrected since: nothing else of the document depends on it.</summary>
    public void Skipped(RunContext context)
    {
        string path = Path.Combine(Folder(context.Run), SweepDocument.FileName);
        var document = DocumentFile.Read<SweepDocument>(path);
        if (document.Description != settings.Description) DocumentFile.Write(path, document with { Description = settings.Description });
    }

    public StageCost Cost(RunContext context, MachineSpeed speed)
    {
        var harvest = context.Settings.Harvest!;
        var (channels, positions) = context.Shapes.Of(settings.Layer);
        positions = harvest.RowsOf(positions);
        int count = HarvestStage.Images(context.Harvested.Count, harvest.Images, context.Settings.Seed).Length;
        double drawn = (double)Math.Min(settings.Images ?? count, count) * positions, seconds = 0;
        // Over all folds: each vector trains in all but one of them, and tests in one.
        double training = settings.Folds > 1 ? drawn * (settings.Folds - 1) : drawn * (1 - harvest.ValidationFraction);
        double test = settings.Folds > 1 ? drawn : drawn * harvest.ValidationFraction;
        var members = SweepPlan.Members(settings, context.Settings.Seed);
        int plain = settings.Baselines.Sum(
            baseline => baseline == KMeans.DictionaryName ? 1 : settings.BaselineK.Count), directions = (int)Math.Round(
                settings.BaselineExpansion * channels);
        int points = plain + members.Sum(member => Math.Max(1, member.Clips.Count));
        long bytes = 0;
        foreach (var member in members)
        {
            double measure = speed.Dictionaries.Measure(member.Options, channels);
            seconds += training * member.Options.Epochs * speed.Dictionaries.Step(member.Options, channels) + (training + test) * measure
                + test * settings.Validate.Count * Math.Max(1, member.Clips.Count) * measure;
            bytes += settings.Folds * sizeof(float) * 2L * channels * member.Options.LatentsFor(channels);
        }
        foreach (string baseline in settings.Baselines)
        {
            seconds += settings.Folds * speed.Dictionaries.Fit(baseline, channels, directions, (long)(training / settings.Folds))
                + test * settings.Validate.Count * (baseline == KMeans.DictionaryName
                    ? 1 : settings.BaselineK.Count) * speed.Dictionaries.Measure(baseline, channels, directions);
        }
        if (settings.Splice && members.Count > 0)
        {
            var (all, each) = speed.Networks.Splice(
                settings.Layer, speed.Dictionaries.Trained(members[0].Options, channels),
                    DictionarySpeed.Kind(members[0].Options, channels));
            seconds += (settings.Folds > 1 ? drawn / positions : RunSources.EvaluationCount(context)) * (all + points * each);
        }
        return new StageCost(seconds, 0, 0, bytes);
    }

    public string Summary(RunFolder run)
    {
        var document = DocumentFile.Read<SweepDocument>(Path.Combine(Folder(run), SweepDocument.FileName));
        return FormattableString.Invariant($"{document.Points.Count} points")
            + (document.Failed is { Count: > 0 } failed ? FormattableString.Invariant($", {failed.Count} left out") : "");
    }

    private void Train(RunContext context, SweepMember[] wave, int fold, string scratch, string where)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(settings.Layer));
        new SweepTraining(context, settings, store, Name).Train(
            wave, SweepFold.Of(store, settings, context.Settings.Seed)[fold], scratch, where);
    }
}
