using Fovea.Dictionaries.Sparse;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>The objectives there are, by name. They combine by +, −, * and unary − (<see cref="ObjectiveAlgebra"/>).</summary>
public static class Objective
{
    /// <summary>Channels of a layer, each in the mean over its positions.</summary>
    public static UnitObjective Channel(string layer, params IReadOnlyList<int> channels) => new(layer, channels);

    /// <summary>Neurons: channels of a layer at the centre of its map.</summary>
    public static UnitObjective Neuron(string layer, params IReadOnlyList<int> channels) => new(layer, channels, Reduction.Centre);

    /// <summary>Neurons at one position of the map.</summary>
    public static UnitObjective NeuronAt(string layer, int row, int column, params IReadOnlyList<int> channels) =>
        new(layer, channels, Reduction.At(row, column));

    /// <summary>Latents of a sparse autoencoder by their pre-activations.</summary>
    public static LatentObjective Latent(string layer, SparseAutoencoder autoencoder, params IReadOnlyList<int> latents) =>
        new(layer, autoencoder, latents);

    /// <summary>Rows of <paramref name="directions"/> (<c>[N, C]</c>, the caller's).</summary>
    public static DirectionObjective Direction(string layer, Tensor directions, Similarity? similarity = null) =>
        new(layer, directions, null, similarity);

    /// <summary>Logits of classes.</summary>
    public static LogitObjective Logit(ImageModel network, params IReadOnlyList<int> classes) => new(network, classes);

    /// <summary>A layer as a whole.</summary>
    public static DeepDreamObjective DeepDream(string layer, int pictures = 1) => new(layer, pictures);

    /// <summary>
    /// Stored activations (<c>[N, C, H, W]</c> or <c>[N, C]</c>, the caller's): by distance where <paramref name="similarity"/> is null.
    /// </summary>
    public static InversionObjective Inversion(string layer, Tensor targets, Similarity? similarity = null) =>
        new(layer, targets, similarity);

    /// <summary>
    /// A feature whose units stand several times (<see cref="Repeat"/>), its pictures pushed apart: feature + weight ·
    /// <see cref="DiversityObjective"/>.
    /// </summary>
    /// <param name="feature">What all pictures maximise.</param>
    /// <param name="weight">In units of the feature's objective.</param>
    /// <param name="layer">Where pictures are compared; null: the feature's layer.</param>
    public static IObjective Diverse(IObjective feature, double weight, string? layer = null)
    {
        ArgumentNullException.ThrowIfNull(feature);
        return feature + weight * new DiversityObjective(layer ?? feature.Layer, feature.Units);
    }

    /// <summary>The sum of objectives for the same pictures.</summary>
    public static IObjective Sum(params IEnumerable<IObjective> objectives) => WeightedSum.Of(objectives);

    /// <summary>Objectives one after the other, each for pictures of its own.</summary>
    public static IObjective Each(params IEnumerable<IObjective> objectives) => new BatchedObjective(objectives);

    /// <summary>Every unit several times, those of one unit side by side.</summary>
    /// <exception cref="FoveaException"><paramref name="times"/> is below 1.</exception>
    public static IReadOnlyList<int> Repeat(IReadOnlyList<int> units, int times)
    {
        ArgumentNullException.ThrowIfNull(units);
        if (times < 1) throw FoveaException.BadConfiguration($"{times} pictures of a unit: take 1 or more.");
        return [.. units.SelectMany(unit => Enumerable.Repeat(unit, times))];
    }
}
