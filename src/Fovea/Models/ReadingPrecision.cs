namespace Fovea.Models;

/// <summary>What a network's convolutions calculate in where values are read.</summary>
public enum ReadingPrecision
{
    /// <summary>Single precision.</summary>
    Single,

    /// <summary>
    /// bfloat16: the range of single precision, and three digits of it. Sums are of single precision, what is read is float32.
    /// </summary>
    BFloat16,
}
