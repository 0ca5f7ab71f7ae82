namespace Fovea.Checkpoints;

/// <summary>One set of weights in a checkpoint that may hold several.</summary>
/// <param name="Key">Where it lies: a key such as <c>state_dict_ema</c>; empty for the file itself.</param>
/// <param name="Tensors">How many tensors it has.</param>
/// <param name="Averaged">Whether its name says that it is a running average.</param>
public sealed record StateDictEntry(string Key, int Tensors, bool Averaged);
