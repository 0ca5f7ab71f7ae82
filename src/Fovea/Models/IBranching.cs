using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>A block whose branches all read its input and are added; what tracing a network has to know of it besides its children.</summary>
internal interface IBranching
{
    /// <summary>The modules of each branch in the order in which they run; a branch without modules is the input itself.</summary>
    IReadOnlyList<IReadOnlyList<Module>> Branches { get; }

    /// <summary>The modules that the sum then goes through.</summary>
    IReadOnlyList<Module> AfterSum { get; }
}
