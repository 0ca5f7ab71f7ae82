using Fovea.Checkpoints;
using Fovea.Numerics;

namespace Fovea.Activations;

/// <summary>What the numbers of stored vectors are kept in. Whatever it is, they are read in single precision.</summary>
public enum VectorStorage
{
    /// <summary>As they are: four bytes a number.</summary>
    Float32,

    /// <summary>Two bytes a number: three decimal digits, up to 65,504.</summary>
    Float16,

    /// <summary>Two bytes a number: two decimal digits and the range of single precision.</summary>
    BFloat16,
}

/// <summary>What is known of each <see cref="VectorStorage"/>.</summary>
internal static class VectorStorages
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<VectorStorage> All { get; } = Enum.GetValues<VectorStorage>();

    /// <summary>The word of recipes and manifests.</summary>
    public static string Word(this VectorStorage storage) => storage.Type().TorchName();

    /// <summary>The type of the shards' tensors.</summary>
    public static ElementType Type(this VectorStorage storage) => storage switch
    {
        VectorStorage.Float16 => ElementType.F16,
        VectorStorage.BFloat16 => ElementType.BF16,
        _ => ElementType.F32,
    };

    /// <summary>The storage of a word; null, as manifests have it, is single precision.</summary>
    /// <exception cref="FoveaException">Data: there is no such storage.</exception>
    public static VectorStorage Of(string? word)
    {
        if (word is null) return VectorStorage.Float32;
        foreach (VectorStorage storage in All)
        {
            if (storage.Word() == word) return storage;
        }
        throw FoveaException.BadData(
            $"Vectors are stored as '{word}', which is not known here: {string.Join(", ", All.Select(Word))} are.");
    }

    /// <summary>Rounds numbers to two bytes.</summary>
    /// <returns>The place of the first that it cannot hold; −1: there is none.</returns>
    public static int Round(this VectorStorage storage, ReadOnlySpan<float> values, Span<ushort> halves) =>
        storage == VectorStorage.Float16 ? HalfNumbers.ToFloat16(values, halves) : HalfNumbers.ToBFloat16(values, halves);

    /// <summary>Two bytes a number in single precision.</summary>
    public static void Widen(this VectorStorage storage, ReadOnlySpan<ushort> halves, Span<float> values)
    {
        if (storage == VectorStorage.Float16) HalfNumbers.OfFloat16(halves, values);
        else HalfNumbers.OfBFloat16(halves, values);
    }
}
