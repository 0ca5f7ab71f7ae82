namespace Fovea.Checkpoints.PyTorch;

/// <summary>
/// The only Python objects a checkpoint may name. Each is a description of data; none is ever called: what Python would build by calling
/// them is built here.
/// </summary>
internal static class PickleGlobals
{
    private static readonly (string Name, ElementType Type)[] TypeNames =
    [
        ("Double", ElementType.F64), ("Float", ElementType.F32), ("Half", ElementType.F16), ("BFloat16", ElementType.BF16),
        ("Long", ElementType.I64), ("Int", ElementType.I32), ("Short", ElementType.I16), ("Char", ElementType.I8),
        ("Byte", ElementType.U8), ("Bool", ElementType.Bool),
    ];

    private static readonly Dictionary<string, PickleGlobal> Allowed = List().ToDictionary(item => item.Name);

    public static PickleGlobal? Find(string module, string name) => Allowed.GetValueOrDefault($"{module}.{name}");

    private static IEnumerable<PickleGlobal> List()
    {
        yield return new("collections.OrderedDict", PickleGlobalKind.OrderedDict);
        yield return new("torch._utils._rebuild_tensor_v2", PickleGlobalKind.RebuildTensor);
        yield return new("torch._utils._rebuild_tensor_v3", PickleGlobalKind.RebuildTensorWithType);
        yield return new("torch._utils._rebuild_parameter", PickleGlobalKind.RebuildParameter);
        // How the first versions of PyTorch kept them.
        yield return new("torch._utils._rebuild_tensor", PickleGlobalKind.RebuildTensor);
        yield return new("torch.nn.parameter.Parameter", PickleGlobalKind.Parameter);
        yield return new("torch.autograd.variable.Variable", PickleGlobalKind.Parameter);
        yield return new("torch.Size", PickleGlobalKind.Size);
        yield return new("torch.device", PickleGlobalKind.Device);
        // Bytes, in the pickle protocol that torch.save uses.
        yield return new("_codecs.encode", PickleGlobalKind.Encode);
        yield return new("torch.storage.UntypedStorage", PickleGlobalKind.Storage);
        foreach (var (name, type) in TypeNames)
        {
            yield return new($"torch.{name}Storage", PickleGlobalKind.Storage, type);
            yield return new($"torch.{name}Tensor", PickleGlobalKind.TensorClass, type);
        }
        foreach (ElementType type in Enum.GetValues<ElementType>())
            yield return new($"torch.{type.TorchName()}", PickleGlobalKind.DataType, type);
    }
}
