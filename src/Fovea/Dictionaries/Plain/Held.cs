using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>Tensors that live through the steps of a loop, each step in a dispose scope of its own.</summary>
internal static class Held
{
    /// <summary>Puts a step's tensor in the place of the last step's, which is freed now and not at the loop's end.</summary>
    public static void Replace(ref Tensor held, Tensor next)
    {
        if (ReferenceEquals(held, next)) return;
        next.MoveToOuterDisposeScope();
        held.Dispose();
        held = next;
    }
}
