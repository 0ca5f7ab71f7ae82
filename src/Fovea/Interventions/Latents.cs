using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions;

/// <summary>What becomes of the part of a vector that a dictionary does not explain, x − x̂.</summary>
public enum DictionaryError
{
    /// <summary>It stays: x becomes x + decode(f′) − decode(f). Nothing changes but what the edited latents stand for.</summary>
    Kept,

    /// <summary>It goes: x becomes decode(f′). With the codes as they are, that is the dictionary spliced in.</summary>
    Dropped,
}

/// <summary>Latents of a dictionary as the units of an <see cref="Intervention"/>.</summary>
public sealed class Latents : EditedUnits
{
    private readonly IFeatureDictionary _dictionary;
    private readonly int[] _latents;

    /// <summary>Some latents, or all of them.</summary>
    /// <param name="dictionary">A dictionary of the layer; it stays its owner's.</param>
    /// <param name="error">What becomes of its error.</param>
    /// <param name="latents">Their numbers; none: all of them.</param>
    /// <exception cref="FoveaException">A latent does not exist, or stands twice.</exception>
    public Latents(IFeatureDictionary dictionary, DictionaryError error, params IReadOnlyList<int> latents)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        ArgumentNullException.ThrowIfNull(latents);
        foreach (int latent in latents)
        {
            if ((uint)latent >= (uint)dictionary.LatentSize)
                throw FoveaException.BadConfiguration($"Latent {latent} does not exist: '{dictionary.Name}' has {dictionary.LatentSize}.");
        }
        if (latents.Distinct().Count() != latents.Count) throw FoveaException.BadConfiguration("A latent of an intervention stands twice.");
        (_dictionary, Error, _latents) = (dictionary, error, [.. latents]);
    }

    /// <summary>The dictionary.</summary>
    internal IFeatureDictionary Dictionary => _dictionary;

    /// <summary>Their numbers; none: all of them.</summary>
    internal IReadOnlyList<int> Chosen => _latents;

    /// <summary>What becomes of the dictionary's error.</summary>
    public DictionaryError Error { get; }

    /// <inheritdoc/>
    public override string Caption =>
        $"{(_latents.Length == 0 ? "all latents" : $"latents {string.Join(", ", _latents)}")} of {_dictionary.Name}, error {(Error == DictionaryError.Kept ? "kept" : "dropped")},";

    /// <inheritdoc/>
    public override Tensor Apply(Tensor vectors, UnitOperation operation, Tensor? others)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(operation);
        long channels = vectors.shape[1];
        if (_dictionary.InputSize != channels)
        {
            throw FoveaException.BadConfiguration(
                $"A dictionary '{_dictionary.Name}' reads vectors of {_dictionary.InputSize} components, the layer has "
                    + $"{channels} channels: it was made for another layer.");
        }
        Tensor own = Own(vectors), codes = Encode(own), edited = Edit(codes, operation, others is null ? null : Encode(Own(others)));
        Tensor decoded = Decode(edited, own).to(vectors.device).to(vectors.dtype);
        return Error == DictionaryError.Dropped ? decoded : vectors + (decoded - Decode(codes, own).to(vectors.device).to(vectors.dtype));
    }

    private Tensor Own(Tensor vectors) => vectors.to(_dictionary.Directions.dtype).to(_dictionary.Directions.device);

    private Tensor Edit(Tensor codes, UnitOperation operation, Tensor? others)
    {
        if (_latents.Length == 0) return Change(codes, others);
        Tensor index = tensor(_latents, int64, device: codes.device);
        return codes.index_copy(1, index, Change(codes.index_select(1, index), others?.index_select(1, index)).contiguous());

        Tensor Change(Tensor values, Tensor? otherValues) => operation.Apply(values, otherValues);
    }

    // An autoencoder's codes are dense on the way: no entries need to be listed.
    private Tensor Encode(Tensor vectors)
    {
        if (_dictionary is SparseAutoencoder autoencoder) return autoencoder.EncodeDense(vectors);
        using SparseCodes codes = _dictionary.Encode(vectors);
        return codes.ToDense();
    }

    // Where each vector has a scale of its own, edited codes are put back into that of the vector they stand in for.
    private Tensor Decode(Tensor codes, Tensor vectors)
    {
        if (_dictionary is SparseAutoencoder autoencoder) return autoencoder.DecodeDense(codes, vectors);
        using SparseCodes sparse = SparseCodes.FromDense(codes);
        return _dictionary.Decode(sparse);
    }
}
