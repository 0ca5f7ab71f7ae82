using Fovea.Dictionaries.Plain;
using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>
/// Anything that writes a vector as a code over directions and puts it together again: a sparse autoencoder, or one of the plain
/// dictionaries of <see cref="BaselineDictionaries"/> that it has to beat. Holds native memory; used by one thread at a time.
/// </summary>
public interface IFeatureDictionary : IDisposable
{
    /// <summary>The name it has in its catalogue: <c>topk</c>, <c>pca</c>, ….</summary>
    string Name { get; }

    /// <summary>Length of a vector: d.</summary>
    int InputSize { get; }

    /// <summary>Length of a code: n.</summary>
    int LatentSize { get; }

    /// <summary>Row i is the direction that latent i adds to a reconstruction, <c>[n, d]</c>. Owned by the dictionary.</summary>
    Tensor Directions { get; }

    /// <summary>The layer whose activations it was made from; null where that is not known.</summary>
    string? Layer => null;

    /// <summary>
    /// The network whose activations it was made from (<see cref="Fovea.Models.ModelFingerprint"/>); null where that is not known.
    /// </summary>
    string? Network => null;

    /// <summary>The codes of some vectors as their active entries; no gradient is kept.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <returns>Owned by the caller.</returns>
    SparseCodes Encode(Tensor x);

    /// <summary>The vectors that some codes stand for.</summary>
    /// <param name="codes">Codes of length n.</param>
    /// <returns><c>[rows, d]</c>, owned by the caller.</returns>
    Tensor Decode(SparseCodes codes);
}
