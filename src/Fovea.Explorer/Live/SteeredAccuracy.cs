using Fovea.Datasets;
using Fovea.Interventions;
using Fovea.Interventions.Studies;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Runs;
using Fovea.Runs.Studies;
using Fovea.Training;

namespace Fovea.Explorer.Live;

/// <summary>Changes of units in the words of the explorer's addresses (docs/reference/own-images.md).</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Changes">Such as <c>12:0,14:set1max</c>.</param>
/// <param name="Layer">The layer of units that stand without one; null: each names its own.</param>
/// <param name="Source">Their source, <c>neurons</c> or a dictionary; null: each names its own.</param>
/// <param name="KeepsError">Whether what dictionaries do not explain stays.</param>
/// <param name="Images">How many images are judged, drawn by the seed; null: all.</param>
/// <param name="Seed">Of that draw.</param>
public sealed record SteerRequest(
    string Run, string Changes, string? Layer, string? Source, bool KeepsError, int? Images = null, ulong Seed = 1);

/// <summary>What changes that a reader steers by do to the accuracy over many images.</summary>
public static class SteeredAccuracy
{
    /// <summary>Measures them; on each image exactly what the explorer's page of that image says.</summary>
    /// <param name="request">The changes.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="progress">Reported to as images are done.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">The changes cannot be read or made, the run has no network, or no image can be judged.</exception>
    public static ChangesResult Measure(
        SteerRequest request, IImageSource source, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(source);
        IReadOnlyList<SteerEdit> edits = Edits(request);
        // Dictionaries stay until the end: nothing is let go before it.
        using var network = new RunNetwork(new RunFolder(request.Run));
        IReadOnlyList<Intervention> changes = Changes(request, edits, network, new RunFolderReader(request.Run));
        var options = new InterventionOptions { Images = Chosen(source.Count, request), Seed = request.Seed };
        return ChangesEvaluation.Evaluate(network.Model, changes, source, options, progress, cancellationToken);
    }

    /// <summary>The interventions that a request means; they are the network's as long as it lives.</summary>
    internal static IReadOnlyList<Intervention> Changes(SteerRequest request, IReadOnlyList<SteerEdit> edits, RunNetwork network, IRunReader reader)
    {
        (string, string)? spliced = request is { Layer: { } layer, Source: { } of } && !request.KeepsError ? (layer, of) : null;
        return SteerInterventions.Of(network, new Steering(edits, request.KeepsError), spliced,
            edit => UnitMeasures.Of(reader.Features(edit.Layer, edit.Source)?.FirstOrDefault(row => row.Unit == edit.Unit), edit));
    }

    /// <summary>The changes of a request, each with its layer and source.</summary>
    /// <exception cref="FoveaException">Configuration: they cannot be read, or one names a unit alone.</exception>
    internal static IReadOnlyList<SteerEdit> Edits(SteerRequest request)
    {
        const string Nowhere = "";
        IReadOnlyList<SteerEdit> edits = SteerText.Parse(request.Changes, request.Layer ?? Nowhere, request.Source ?? Nowhere);
        return edits.All(edit => edit.Layer.Length > 0 && edit.Source.Length > 0) ? edits : throw FoveaException.BadConfiguration(
            "A change names a unit alone: say which layer and source it is of, before the unit (layer4/topk/12:0) or for all of them.");
    }

    private static int[]? Chosen(int count, SteerRequest request) => request.Images is { } images && images < count
        ? [.. new CounterRandom(request.Seed, "steering/images", 0).Permutation(count).Take(images).Order()] : null;
}
