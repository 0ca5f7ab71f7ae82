using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>A part of a network whose children are those it registers: TorchSharp would add every field a second time, under the field's name.</summary>
internal abstract class Block(string name) : Module<Tensor, Tensor>(name)
{
    protected sealed override void RegisterComponents()
    {
    }
}
