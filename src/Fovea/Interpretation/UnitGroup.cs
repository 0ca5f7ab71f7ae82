using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>Units that are looked at together: the neurons of a layer, or the latents of one sparse autoencoder on it.</summary>
/// <param name="Name"><c>neurons</c>, or the dictionary's name; a folder of the run (<c>features/&lt;layer&gt;/&lt;name&gt;</c>).</param>
/// <param name="Layer">The layer.</param>
/// <param name="Autoencoder">The dictionary, which stays its owner's; null for neurons.</param>
public sealed record UnitGroup(string Name, string Layer, SparseAutoencoder? Autoencoder)
{
    /// <summary>Name of the groups of neurons.</summary>
    public const string NeuronsName = "neurons";

    /// <summary>
    /// A neuron counts as active where it is larger than this in absolute value (the ε of the paper's section 7.2); a latent where it is
    /// not zero.
    /// </summary>
    public const double NeuronThreshold = AutoencoderScores.UnitThreshold;

    /// <summary>The neurons (channels) of a layer.</summary>
    public static UnitGroup Neurons(string layer) => new(NeuronsName, layer, null);

    /// <summary>The latents of a dictionary.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="name">The dictionary's name.</param>
    /// <param name="autoencoder">The dictionary.</param>
    /// <exception cref="FoveaException">Configuration: the dictionary was trained on another layer.</exception>
    public static UnitGroup Latents(string layer, string name, SparseAutoencoder autoencoder)
    {
        autoencoder.RequireLayer(layer);
        return new(name, layer, autoencoder);
    }

    /// <summary>The latents of a dictionary that knows its layer.</summary>
    /// <param name="name">The dictionary's name.</param>
    /// <param name="autoencoder">The dictionary.</param>
    /// <exception cref="FoveaException">Configuration: it does not know its layer.</exception>
    public static UnitGroup Latents(string name, SparseAutoencoder autoencoder) => new(name, autoencoder.KnownLayer(), autoencoder);

    /// <summary>Whether the units are latents.</summary>
    public bool IsDictionary => Autoencoder is not null;

    /// <summary>The units' values at positions, without gradients.</summary>
    /// <param name="vectors">Activation vectors <c>[positions, channels]</c>; they may live elsewhere than the dictionary, as stored ones
    /// do.</param>
    /// <returns><c>[positions, units]</c>: a new tensor, contiguous, where the dictionary lives.</returns>
    public Tensor Values(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        using var quiet = no_grad();
        if (Autoencoder is null) return vectors.clone();
        using var scope = NewDisposeScope();
        return Autoencoder.EncodeDense(vectors.to(Autoencoder.Device)).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The latents' pre-activations z at positions (<see cref="SparseAutoencoder.PreActivations"/>), without gradients.</summary>
    /// <param name="vectors">As in <see cref="Values"/>.</param>
    /// <returns><c>[positions, latents]</c>: a new tensor where the dictionary lives.</returns>
    /// <exception cref="InvalidOperationException">The units are neurons, which have none.</exception>
    public Tensor PreActivations(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (Autoencoder is null) throw new InvalidOperationException("Neurons have no pre-activations of their own.");
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        return Autoencoder.PreActivations(vectors.to(Autoencoder.Device)).MoveToOuterDisposeScope();
    }

    /// <summary>Number of units on a layer with this many channels.</summary>
    /// <exception cref="FoveaException">The dictionary was made for another layer.</exception>
    public int UnitCount(int channels)
    {
        if (Autoencoder is null) return channels;
        if (Autoencoder.InputSize != channels)
        {
            throw FoveaException.BadConfiguration(
                $"Dictionary {Name} reads vectors of {Autoencoder.InputSize} components, {Layer} has {channels} channels: it was trained "
                    + $"on another layer.");
        }
        return Autoencoder.LatentSize;
    }
}
