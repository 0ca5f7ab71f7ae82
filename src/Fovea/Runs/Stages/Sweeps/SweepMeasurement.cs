using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Runs.Settings;
using Fovea.Training;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>
/// Measures every dictionary of a sweep alike: on the held-out vectors of each fold, and spliced into the classifier on its images.
/// </summary>
internal sealed class SweepMeasurement(
    RunContext context, SweepSettings settings, ActivationStore store, SweepTraining training, SweepFailures failures, string stage)
{
    /// <summary>The points of the sweep; plain dictionaries are fitted on the way, and those that cannot be are left out.</summary>
    public IReadOnlyList<SweepPoint> Points(IReadOnlyList<SweepMember> members, IReadOnlyList<SweepFold> folds, Func<ImageModel> network)
    {
        MeasuredPoint[][] parts = [.. folds.Select(fold => Measure(members, fold, network))];
        // A plain dictionary that one fold could not be fitted to has no mean over all.
        parts = [.. parts.Select(points => points.Where(one => !failures.Include(one.Point.Id, one.Point.Baseline)).ToArray())];
        return [.. parts[0].Select((_, i) => Pool([.. parts.Select(part => part[i])]))];
    }

    /// <summary>How alike the decoders of different seeds are, by setting; of the first fold.</summary>
    public IReadOnlyList<SweepStability> Stability(IReadOnlyList<SweepMember> members, SweepFold fold)
    {
        var found = new List<SweepStability>();
        foreach (var seeds in members.GroupBy(
            member => (member.Setting, member.Label, member.Filter, member.Options with { Name = null, Seed = 0 }))
                .Where(group => group.Count() > 1))
        {
            SparseAutoencoder[] loaded = [.. seeds.Select(member => AutoencoderFile.Load(training.Folder(member, fold)))];
            try
            {
                var stability = SeedStability.Of([.. loaded.Select(one => one.DecoderWeight)]);
                found.Add(new SweepStability(seeds.Key.Setting, stability.Seeds, stability.MatchedCosine, stability.MaximumCosine));
            }
            finally
            {
                foreach (var one in loaded) one.Dispose();
            }
        }
        return found;
    }

    private MeasuredPoint[] Measure(IReadOnlyList<SweepMember> members, SweepFold fold, Func<ImageModel> network)
    {
        using var candidates = new SweepCandidates();
        foreach (var member in members) candidates.Add(member, training.Folder(member, fold));
        string filter = settings.Validate[0];
        if (settings.Baselines.Count > 0)
        {
            RowSet rows = fold.Training(filter);
            for (int i = 0; i < settings.Baselines.Count; i++)
            {
                context.Report(stage, i, settings.Baselines.Count, "plain dictionaries", $"fitting {settings.Baselines[i]}");
                if (!failures.Include(settings.Baselines[i], baseline: true)) Fit(candidates, settings.Baselines[i], rows, filter);
            }
        }
        if (candidates.All.Count == 0) return [];
        var tests = settings.Validate.ToDictionary(one => one, fold.Test);
        var points = new SweepPoint[candidates.All.Count];
        for (int i = 0; i < points.Length; i++)
        {
            var (point, dictionary) = candidates.All[i];
            context.Report(stage, i, points.Length, "dictionaries", $"measuring {point.Id}");
            points[i] = point with
            {
                Measures = tests.ToDictionary(test => test.Key, test => Measure(dictionary, test.Value)),
            };
            store.Release();
        }
        if (!settings.Splice) return [.. points.Select(point => new MeasuredPoint(point, null, null))];
        var (spliced, faithful) = Splice([.. candidates.All.Select(candidate => candidate.Dictionary)], fold, network());
        return [.. points.Select((point, i) => new MeasuredPoint(point, spliced?[i], faithful?[i]))];
    }

    private void Fit(SweepCandidates candidates, string baseline, RowSet rows, string filter)
    {
        try
        {
            candidates.Add(baseline, settings, store, rows, filter, context.Settings.Seed, context.Cancellation);
        }
        catch (FoveaException e) when (e.Kind != FailureKind.Resource)
        {
            failures.Add(new SweepFailure(baseline, Baseline: true, e.Message), e.Kind);
        }
    }

    private IReadOnlyList<DictionaryScores> Measure(IFeatureDictionary dictionary, RowSet rows) =>
        [DictionaryEvaluation.Measure(dictionary, store, rows, cancellation: context.Cancellation)];

    /// <summary>What the classifier loses, or, where its classes are not the images', how far the answer moves.</summary>
    private (IReadOnlyList<SpliceResult>?, IReadOnlyList<FaithfulnessResult>?) Splice(
        IReadOnlyList<IFeatureDictionary> dictionaries, SweepFold fold, ImageModel network)
    {
        var (source, images) = settings.Folds == 1
            ? RunSources.EvaluationImages(context.Validation, context.Harvested, store) : (context.Harvested, fold.TestImages);
        var options = new SpliceOptions { Mean = fold.Mean(settings, context.Cancellation), Images = images };
        var progress = new Reporter<EvaluationProgress>(
            value => context.Report(stage, value.Images, value.Total, "images", $"{dictionaries.Count} dictionaries spliced in"));
        return !NetworkClasses.AreOfImages(context.Settings.Model)
            ? (null, FaithfulnessEvaluation.Evaluate(
                network, settings.Layer, dictionaries, source, options, progress, context.Cancellation))
            : (SplicedEvaluation.Evaluate(network, settings.Layer, dictionaries, source, options, progress, context.Cancellation), null);
    }

    private static SweepPoint Pool(MeasuredPoint[] folds)
    {
        SweepPoint first = folds[0].Point;
        return first with
        {
            Measures = first.Measures.Keys.ToDictionary(
                filter => filter, IReadOnlyList<DictionaryScores> (filter) => [.. folds.SelectMany(fold => fold.Point.Measures[filter])]),
            Splice = folds[0].Splice is { } one ? (folds.Length == 1 ? one : SpliceResult.Pool(folds.Select(fold => fold.Splice!))) : null,
            Faithfulness = folds[0].Faithfulness is { } other
                ? (folds.Length == 1 ? other : FaithfulnessResult.Pool(folds.Select(fold => fold.Faithfulness!))) : null,
        };
    }

    /// <summary>A point of one fold, with the single images that pooling needs.</summary>
    private sealed record MeasuredPoint(SweepPoint Point, SpliceResult? Splice, FaithfulnessResult? Faithfulness);
}
