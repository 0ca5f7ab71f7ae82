using Fovea.Dictionaries;
using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// The units of a layer that an evaluation changes, by number: neurons, latents of a dictionary, or directions. Each adds its value times a
/// direction to the layer's vectors, so that changing values by Δ changes a vector by Δ D, D being the directions' rows.
/// </summary>
public sealed class EffectUnits
{
    private readonly float[][]? _directions;

    private EffectUnits(string layer, IFeatureDictionary? dictionary, DictionaryError? error, float[][]? directions)
    {
        ArgumentException.ThrowIfNullOrEmpty(layer);
        (Layer, Dictionary, Error, _directions) = (layer, dictionary, error, directions);
    }

    /// <summary>The layer.</summary>
    public string Layer { get; }

    /// <summary>The dictionary whose latents they are, which stays its owner's; null for neurons and directions.</summary>
    public IFeatureDictionary? Dictionary { get; }

    /// <summary>What becomes of the dictionary's error; null for neurons and directions.</summary>
    public DictionaryError? Error { get; }

    /// <summary>In words.</summary>
    public string Caption => Dictionary is { } dictionary
        ? $"latents of {dictionary.Name}, error {(Error == DictionaryError.Kept ? "kept" : "dropped")}"
        : _directions is null ? "neurons" : "directions";

    /// <summary>Given directions, scaled to length 1; null for neurons and latents.</summary>
    internal IReadOnlyList<float[]>? Own => _directions;

    /// <summary>The neurons of a layer.</summary>
    public static EffectUnits Neurons(string layer) => new(layer, null, null, null);

    /// <summary>
    /// The latents of a dictionary. What they are compared with is the network as it is where the error is kept, and the network with the
    /// dictionary spliced in where it is dropped: a latent that is not active changes nothing in either.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="dictionary">The dictionary; it stays its owner's.</param>
    /// <param name="error">What becomes of its error.</param>
    /// <exception cref="FoveaException">Configuration: the dictionary was made from another layer.</exception>
    public static EffectUnits Latents(string layer, IFeatureDictionary dictionary, DictionaryError error)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        dictionary.RequireLayer(layer);
        return new EffectUnits(layer, dictionary, error, null);
    }

    /// <summary>
    /// Directions d. The value of one is the coefficient x · d/‖d‖; what is orthogonal stays. Of several that are changed together each
    /// keeps the value that it has alone.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="directions">Each as long as the layer's vectors.</param>
    /// <exception cref="FoveaException">Configuration: one is 0 or not finite, or they differ in length.</exception>
    public static EffectUnits Directions(string layer, params IReadOnlyList<IReadOnlyList<float>> directions)
    {
        ArgumentNullException.ThrowIfNull(directions);
        if (directions.Count == 0) throw FoveaException.BadConfiguration("There is no direction to change.");
        if (directions.Any(one => one.Count != directions[0].Count))
            throw FoveaException.BadConfiguration("Directions of one layer have one length.");
        return new EffectUnits(layer, null, null, [.. directions.Select(Unit)]);

        static float[] Unit(IReadOnlyList<float> direction)
        {
            double length = Math.Sqrt(direction.Sum(value => (double)value * value));
            if (!double.IsFinite(length) || length == 0)
                throw FoveaException.BadConfiguration("A direction of an intervention is 0 or not finite.");
            return [.. direction.Select(value => (float)(value / length))];
        }
    }

    /// <summary>How many there are on a layer of some channels.</summary>
    /// <exception cref="FoveaException">Configuration: they are of vectors of another length.</exception>
    public int Count(int channels)
    {
        int length = Dictionary?.InputSize ?? _directions?[0].Length ?? channels;
        if (length != channels)
        {
            throw FoveaException.BadConfiguration(
                $"{Caption} are of vectors of {length} components, {Layer} has {channels} channels: they were made for another layer.");
        }
        return Dictionary?.LatentSize ?? _directions?.Length ?? channels;
    }

    /// <summary>
    /// One change of some of them as an intervention on the network as it is: the same but for what it is compared with where a
    /// dictionary's error is dropped. Directions one at a time.
    /// </summary>
    /// <param name="operation">What becomes of their values.</param>
    /// <param name="units">Their numbers.</param>
    public Intervention Change(UnitOperation operation, params IReadOnlyList<int> units)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(units);
        if (Dictionary is { } dictionary) return new Intervention(Layer, new Latents(dictionary, Error!.Value, units), operation);
        if (_directions is null) return new Intervention(Layer, EditedUnits.Neurons(units), operation);
        if (units.Count != 1) throw FoveaException.BadConfiguration("An intervention takes one direction.");
        return new Intervention(Layer, EditedUnits.Direction(_directions[units[0]]), operation);
    }

    /// <summary>Row i is what unit <c>units[i]</c> adds to a vector for each 1 of its value.</summary>
    /// <param name="units">Their numbers.</param>
    /// <param name="channels">C.</param>
    /// <param name="device">Where the network is.</param>
    /// <returns><c>[units, C]</c>, float32, in the current dispose scope.</returns>
    internal Tensor Rows(IReadOnlyList<int> units, int channels, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor rows;
        if (Dictionary is { } dictionary)
        {
            Tensor index = tensor([.. units.Select(unit => (long)unit)], int64, device: dictionary.Directions.device);
            rows = dictionary.Directions.detach().index_select(0, index).to(float32).to(device);
        }
        else if (_directions is not null)
        {
            rows = tensor([.. units.SelectMany(unit => _directions[unit])], [units.Count, channels], device: device);
        }
        else
        {
            Tensor own = tensor([.. units.Select(unit => (long)unit)], [units.Count, 1], device: device);
            rows = own.eq(arange(channels, device: device)).to(float32);
        }
        return rows.contiguous().MoveToOuterDisposeScope();
    }
}
