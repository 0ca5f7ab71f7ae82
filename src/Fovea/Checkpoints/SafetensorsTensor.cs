namespace Fovea.Checkpoints;

/// <summary>What a safetensors header says of one tensor.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
/// <param name="Offset">Where its bytes begin, from the start of the file's data part.</param>
/// <param name="Length">Bytes of its elements.</param>
public sealed record SafetensorsTensor(string Name, ElementType Type, IReadOnlyList<long> Shape, long Offset, long Length);
