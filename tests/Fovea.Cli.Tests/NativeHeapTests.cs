using Fovea.Numerics;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class NativeHeapTests
{
    private const long Pages = (64L << 20) / 4096, AtMost = HeapProcess.Kept / 2 * Pages;

    [Fact]
    public void Memory_of_a_large_tensor_is_there_for_the_next_one_and_goes_back_where_it_is_too_much()
    {
        Assert.SkipUnless(NativeHeap.Usage() is not null, "this system's allocator is not glibc's");
        var found = HeapProcess.Run(allocator: null);
        // What is free goes back once a second: on a machine with other work the loop meets that more often.
        for (int i = 0; i < 3 && found.Faults > AtMost; i++) found = HeapProcess.Run(allocator: null);
        Assert.True(found.Keeps);
        // Without it every tensor's pages are asked for anew, as below. glibc before 2.38 cannot use some blocks again.
        Assert.InRange(found.Faults, 0, AtMost);
        // Less what the runtime's own threads free meanwhile.
        Assert.InRange(found.Used, 250L << 20, 300L << 20);
        Assert.InRange(found.After, 0, found.Full - NativeHeap.FreeAllowed);
    }

    [Fact]
    public void The_environment_has_the_last_word()
    {
        Assert.SkipUnless(NativeHeap.Usage() is not null, "this system's allocator is not glibc's");
        var found = HeapProcess.Run(allocator: "system");
        Assert.False(found.Keeps);
        Assert.True(found.Faults > (HeapProcess.GivenBack - 1) * Pages, $"{found.Faults} faults");
    }

    [Fact]
    public void Threads_share_two_arenas_where_that_is_asked_for()
    {
        Assert.SkipUnless(NativeHeap.Usage() is not null, "this system's allocator is not glibc's");
        int many = HeapProcess.Arenas(shares: false, allocator: null);
        Assert.SkipWhen(many < 6, "this C library has few arenas anyway");
        // Those that the runtime's own threads had before it was asked stay.
        Assert.InRange(HeapProcess.Arenas(shares: true, allocator: null), 0, many - 2);
        Assert.Equal(many, HeapProcess.Arenas(shares: true, allocator: "system"));
    }
}
