using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>Tensors that live through the steps of a loop, each step in a dispose scope of its own.</summary>
internal static class LoopTensor
{
    /// <summary>Puts a step's tensor in the place of the last step's, which is freed now and not at the loop's end.</summary>
    public static void Replace(ref Tensor current, Tensor next)
    {
        if (ReferenceEquals(current, next)) return;
        next.MoveToOuterDisposeScope();
        current.Dispose();
        current = next;
    }
}
