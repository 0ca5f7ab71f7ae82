namespace Fovea.Checkpoints.PyTorch;

/// <summary>
/// The only Python objects a checkpoint may name. Each is a description of data; none is ever called: what Python would build by calling
/// them is built here.
/// </summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, PickleGlobal> Allowed = List().ToDictionary(item => item.Name);

    public static PickleGlobal? Find(string module, string name) => Allowed.GetValueOrDefault($"{module}.{name}");

    private static IEnumerable<PickleGlobal> List()
    {
        yield return new("collections.OrderedDict", PickleGlobalKind.OrderedDict);
        yield return new("torch._utils._rebuild_tensor_v2", PickleGlobalKind.RebuildTensor);
        yield return new("torch._utils._rebuild_tensor_v3", PickleGlobalKind.RebuildTensorWithType);
        yield return new("torch._utils._rebuild_parameter", PickleGlobalKind.RebuildParameter);
        yield return new("torch.Size", PickleGlobalKind.Size);
        yield return new("torch.device", PickleGlobalKind.Device);
        // Bytes, in the pickle protocol that torch.save uses.
        yield return new("_codecs.encode", PickleGlobalKind.Encode);
        yield return new("torch.storage.UntypedStorage", PickleGlobalKind.Storage);
        yield return new("torch.DoubleStorage", PickleGlobalKind.Storage, ElementType.F64);
        yield return new("torch.FloatStorage", PickleGlobalKind.Storage, ElementType.F32);
        yield return new("torch.HalfStorage", PickleGlobalKind.Storage, ElementType.F16);
        yield return new("torch.BFloat16Storage", PickleGlobalKind.Storage, ElementType.BF16);
        yield return new("torch.LongStorage", PickleGlobalKind.Storage, ElementType.I64);
        yield return new("torch.IntStorage", PickleGlobalKind.Storage, ElementType.I32);
        yield return new("torch.ShortStorage", PickleGlobalKind.Storage, ElementType.I16);
        yield return new("torch.CharStorage", PickleGlobalKind.Storage, ElementType.I8);
        yield return new("torch.ByteStorage", PickleGlobalKind.Storage, ElementType.U8);
        yield return new("torch.BoolStorage", PickleGlobalKind.Storage, ElementType.Bool);
        foreach (ElementType type in Enum.GetValues<ElementType>())
            yield return new($"torch.{type.TorchName()}", PickleGlobalKind.DataType, type);
    }
}
