namespace Fovea.Models.Import;

/// <summary>
/// How many numbers may be calculated while a file is read (masks, index tables, sizes): in proportion to the file, so that a short one does
/// not fill the memory, and enough for any network with weights.
/// </summary>
/// <param name="bytes">Bytes of the file.</param>
internal sealed class ConstantBudget(long bytes)
{
    // 64 times the file in numbers of four bytes; of a short file what fits into 16 MB in numbers of eight.
    private const int ForByte = 16;
    private long _taken;

    /// <summary>Most numbers of one result; a larger one is left to the graph, or refused.</summary>
    public long OfOne { get; } = Math.Clamp(Share(bytes), 1 << 20, 1 << 24);

    private long Altogether { get; } = Math.Clamp(Share(bytes), 1 << 21, 1 << 27);

    /// <summary>Accounts for numbers that are kept.</summary>
    /// <returns>Whether they are within it.</returns>
    public bool Take(long numbers)
    {
        _taken = numbers > Altogether ? numbers : _taken + numbers;
        return numbers <= OfOne && _taken <= Altogether;
    }

    private static long Share(long bytes) => Math.Min(bytes, 1 << 27) * ForByte;
}
