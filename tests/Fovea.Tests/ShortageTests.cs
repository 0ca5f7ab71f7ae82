using System.Reflection;
using System.Runtime.InteropServices;
using Xunit;

namespace Fovea.Tests;

public sealed class ShortageTests
{
    public static TheoryData<Exception, bool> Cases => new()
    {
        { new OutOfMemoryException(), true },
        { new InsufficientMemoryException(), true },
        { new ExternalException("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes."), true },
        { new ExternalException("std::bad_alloc"), true },
        { new ExternalException("could not create a primitive"), true },
        { new DllNotFoundException("libonnxruntime.so: failed to map segment from shared object"), true },
        { new TypeInitializationException("x", new DllNotFoundException("failed to map segment")), true },
        { new AggregateException(new TargetInvocationException(new OutOfMemoryException())), true },
        { FoveaException.OutOfResource("x"), true },
        { FoveaException.BadData("out of memory"), false },
        { new ExternalException("could not create a primitive descriptor for a convolution forward propagation primitive"), false },
        { new ExternalException("mat1 and mat2 shapes cannot be multiplied"), false },
        { new ExternalException("required rank 4 tensor to use channels_last memory format"), false },
        { new DllNotFoundException("libonnxruntime.so: No such file or directory"), false },
        { new InvalidOperationException("out of memory"), false },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void A_lack_of_memory_is_told_from_other_errors(Exception exception, bool expected) =>
        Assert.Equal(expected, Shortage.Is(exception));
}
