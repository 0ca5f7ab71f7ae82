using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>
/// A dictionary that is set up before each use, so that several settings (clip values, k) share its memory. The inner dictionary stays its
/// owner's.
/// </summary>
internal sealed class ConfiguredDictionary(IFeatureDictionary inner, Action configure) : IFeatureDictionary
{
    public string Name => inner.Name;

    public int InputSize => inner.InputSize;

    public int LatentSize => inner.LatentSize;

    public Tensor Directions => inner.Directions;

    public string? Layer => inner.Layer;

    public string? Network => inner.Network;

    /// <summary>The inner dictionary, set up; good until another setting of it is used.</summary>
    public IFeatureDictionary Configure()
    {
        configure();
        return inner;
    }

    public SparseCodes Encode(Tensor x) => Configure().Encode(x);

    public Tensor Decode(SparseCodes codes) => inner.Decode(codes);

    public void Dispose()
    {
        // The inner dictionary is its owner's.
    }
}
